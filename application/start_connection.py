from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.limit_calls import LimitCalls
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.grants import Grants
from application.ports.providers import Providers
from application.ports.tokens import Bearer
from application.ports.vault import Vault
from application.rates import CONNECT
from domain.authorization import Authorization, browser_hash, state_hash, verifier_place
from domain.errors import ProviderNotConfigured
from domain.ids import FlowId
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class StartedConnection:
    url: str
    """Where the person goes to consent."""
    flow: FlowId
    cookie: Secret
    """Binds the flow to the browser that holds it."""
    expires_at: datetime
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class StartConnection:
    """A person sets out to connect an account."""

    providers: Providers
    authorizations: Authorizations
    grants: Grants
    vault: Vault
    entropy: Entropy
    clock: Clock
    limit_calls: LimitCalls
    state_ttl: timedelta

    async def __call__(self, bearer: Bearer, *, provider: str, origin: str) -> StartedConnection:
        """Raises NotFound, ProviderNotConfigured, LimitReached, CacheUnavailable."""
        await self.limit_calls(CONNECT, bearer.user)
        if not self.providers.get(provider).configured:
            raise ProviderNotConfigured
        state, cookie, verifier = self.entropy.token(), self.entropy.token(), self.entropy.token()
        hashed = state_hash(state)
        sealed = self.vault.seal(verifier.encode(), verifier_place(hashed))
        authorization = Authorization(
            state=hashed,
            flow=FlowId(self.entropy.identifier()),
            provider=provider,
            user=bearer.user,
            session=bearer.session,
            browser=browser_hash(cookie),
            verifier=b64encode(sealed).decode(),
            origin=origin,
            expires_at=self.clock.now() + self.state_ttl,
        )
        await self.authorizations.add(authorization)
        return StartedConnection(
            url=self.grants.authorization_url(provider, state=state, verifier=verifier),
            flow=authorization.flow,
            cookie=Secret(cookie),
            expires_at=authorization.expires_at,
            expires_in=int(self.state_ttl.total_seconds()),
        )
