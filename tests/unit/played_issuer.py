"""An OpenID provider, played: whoever comes back with a code is who it says."""

from dataclasses import dataclass, field

from application.ports.identity_provider import IdentityProvider
from domain.email import EmailAddress
from domain.errors import IdentityProviderUnavailable, IdentityRefused
from domain.identity import ProvenIdentity

ISSUER = "https://issuer.example.com"


def somebody(subject: str = "1", email: str | None = "ann@example.org", **given: bool) -> ProvenIdentity:
    ours = {"email_verified": True, "authoritative": False}
    address = EmailAddress(email) if email else None
    return ProvenIdentity(ISSUER, subject, address, name="Ann", **ours | given)


@dataclass
class PlayedIssuer(IdentityProvider):
    codes: dict[str, ProvenIdentity] = field(default_factory=dict)
    """Each is taken once."""
    started: list[tuple[str, str]] = field(default_factory=list)
    """Nonce and verifier of each."""
    away: bool = False
    configured: bool = True

    def is_configured(self) -> bool:
        return self.configured

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        self.started.append((nonce, verifier))
        return f"{ISSUER}/authorize?state={state}"

    async def identify(self, *, code: str, verifier: str, nonce: str) -> ProvenIdentity:
        if self.away:
            raise IdentityProviderUnavailable
        if code not in self.codes or (nonce, verifier) not in self.started:
            raise IdentityRefused
        return self.codes.pop(code)
