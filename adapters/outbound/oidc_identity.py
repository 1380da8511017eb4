"""Sign-in at an OpenID provider: Google, or any other (OpenID Connect Core 1.0 section 3.1)."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import quote

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jws, jwt
from joserfc.errors import JoseError

from adapters.outbound.bounded_http import HttpAnswer
from adapters.outbound.oidc_documents import OidcDocuments
from application.ports.clock import Clock
from application.ports.identity_provider import IdentityProvider
from domain.email import EmailAddress, email_address
from domain.errors import IdentityProviderUnavailable, IdentityRefused, InvalidInput, ProviderNotConfigured
from domain.identity import ProvenIdentity

_SCOPE = "openid email profile"
_ALGORITHM = "RS256"
_SKEW_SECONDS = 60
_LONGEST_LIFE_SECONDS = 86_400
_LONGEST_TOKEN = 16_384
_LONGEST_NAME = 200
_OF_AN_ADDRESS = ("email_verified", "hd")
_GOOGLE = "https://accounts.google.com"
_BARE_GOOGLE = "accounts.google.com"
"""Google's documents allow both."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    id: str
    secret: str = field(repr=False)
    redirect_uri: str
    discovery_url: str
    keeps_mailboxes: bool
    """Whether it is Google, which for some addresses also is who keeps the mailbox."""


class OidcIdentity(IdentityProvider):
    def __init__(self, http: httpx.AsyncClient, client: OidcClient | None, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._documents = OidcDocuments(http, client.discovery_url, clock) if client else None

    def is_configured(self) -> bool:
        return self._client is not None

    async def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        client, documents = self._configured()
        configuration = await documents.configuration()
        url: str = prepare_grant_uri(
            str(configuration["authorization_endpoint"]),
            client.id,
            "code",
            redirect_uri=client.redirect_uri,
            scope=_SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **_prompt(client, configuration),
        )
        return url

    async def identify(self, *, code: str, verifier: str, nonce: str) -> ProvenIdentity:
        client, documents = self._configured()
        configuration = await documents.configuration()
        answer = await self._tokens(client, documents, configuration, code, verifier)
        id_token = answer.get("id_token")
        if not isinstance(id_token, str) or len(id_token) > _LONGEST_TOKEN:
            raise IdentityRefused
        claims = await self._claims(documents, id_token)
        self._check(client, configuration, claims, nonce)
        access_token = answer.get("access_token")
        if isinstance(access_token, str) and access_token:
            _check_hash(claims, access_token)
            claims = _completed(claims, await self._userinfo(documents, access_token, claims))
        return _proven(client, str(configuration["issuer"]), claims)

    def _configured(self) -> tuple[OidcClient, OidcDocuments]:
        if self._client is None or self._documents is None:
            raise ProviderNotConfigured
        return self._client, self._documents

    async def _tokens(
        self,
        client: OidcClient,
        documents: OidcDocuments,
        configuration: Mapping[str, object],
        code: str,
        verifier: str,
    ) -> Mapping[str, object]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        methods = configuration.get("token_endpoint_auth_methods_supported")
        if isinstance(methods, list) and "client_secret_post" in methods:
            form |= {"client_id": client.id, "client_secret": client.secret}
        else:
            login = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        return _object(await documents.post(str(configuration["token_endpoint"]), form, headers))

    async def _claims(self, documents: OidcDocuments, id_token: str) -> Mapping[str, object]:
        try:
            kid = jws.extract_compact(id_token.encode()).headers().get("kid")
            token = jwt.decode(id_token, await documents.keys(kid), algorithms=[_ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise IdentityRefused from error
        return token.claims

    def _check(
        self, client: OidcClient, configuration: Mapping[str, object], claims: Mapping[str, object], nonce: str
    ) -> None:
        """Section 3.1.3.7. Raises IdentityRefused."""
        issuer, now = configuration["issuer"], self._clock.now().timestamp()
        audience, party = claims.get("aud"), claims.get("azp")
        ours = audience == client.id or (isinstance(audience, list) and client.id in audience)
        alone = not isinstance(audience, list) or audience == [client.id]
        given, subject = claims.get("nonce"), claims.get("sub")
        begins, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
        holds = (
            (claims.get("iss") == issuer or (issuer == _GOOGLE and claims.get("iss") == _BARE_GOOGLE))
            and ours
            and (party == client.id or (party is None and alone))
            and isinstance(given, str)
            and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), nonce.encode())
            and now - _LONGEST_LIFE_SECONDS < begins <= now + _SKEW_SECONDS
            and now - _SKEW_SECONDS < ends
            and isinstance(subject, str)
            and 0 < len(subject) <= 255
            and subject.isascii()
        )
        if not holds:
            raise IdentityRefused

    async def _userinfo(
        self, documents: OidcDocuments, access_token: str, claims: Mapping[str, object]
    ) -> Mapping[str, object]:
        """What the id_token may have left out (section 5.3): it must be about the same subject."""
        url = await documents.userinfo_endpoint()
        if url is None:
            return {}
        found = _object(await documents.get(url, {"Authorization": f"Bearer {access_token}"}))
        if found.get("sub") != claims["sub"]:
            raise IdentityRefused
        return found


def _completed(claims: Mapping[str, object], userinfo: Mapping[str, object]) -> Mapping[str, object]:
    """Userinfo overrules nothing, and what it says of an address is believed of its own address alone."""
    left_out = {name: value for name, value in userinfo.items() if name not in claims}
    if "email" in claims:
        left_out = {name: value for name, value in left_out.items() if name not in _OF_AN_ADDRESS}
    return {**claims, **left_out}


def _prompt(client: OidcClient, configuration: Mapping[str, object]) -> Mapping[str, str]:
    """Google knows it without saying so; another that does not say so may refuse what it does not know."""
    known = configuration.get("prompt_values_supported")
    asks = client.keeps_mailboxes or (isinstance(known, list) and "select_account" in known)
    return {"prompt": "select_account"} if asks else {}


def _object(answer: HttpAnswer) -> Mapping[str, object]:
    """Raises IdentityRefused: whatever it says, it is not what a sign-in needs."""
    try:
        found = msgspec.json.decode(answer.body) if answer.status == 200 else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    if answer.status in (401, 403, 404):
        # Our own id and secret are not accepted: nothing that the person could do better.
        raise IdentityProviderUnavailable(f"the identity provider: status {answer.status}")
    raise IdentityRefused


def _seconds(claim: object) -> float:
    """Raises IdentityRefused."""
    if isinstance(claim, bool) or not isinstance(claim, int | float) or not abs(claim) < 2**53:
        raise IdentityRefused
    return claim


def _check_hash(claims: Mapping[str, object], access_token: str) -> None:
    """Section 3.1.3.6, where the claim is there. Raises IdentityRefused."""
    if not (access_token.isascii() and access_token.isprintable()):
        raise IdentityRefused
    given = claims.get("at_hash")
    half = sha256(access_token.encode()).digest()[:16]
    if given is not None and given != base64.urlsafe_b64encode(half).rstrip(b"=").decode():
        raise IdentityRefused


def _proven(client: OidcClient, issuer: str, claims: Mapping[str, object]) -> ProvenIdentity:
    email = _email(claims.get("email"))
    # Seen as text too; nothing else means yes.
    said = claims.get("email_verified")
    verified = said is True or said == "true"
    hosted = isinstance(claims.get("hd"), str) and claims["hd"] != "" and verified
    return ProvenIdentity(
        issuer=issuer,
        subject=str(claims["sub"]),
        email=email,
        email_verified=verified,
        authoritative=client.keeps_mailboxes and verified and (hosted or bool(email and email.endswith("@gmail.com"))),
        name=_name(claims.get("name")),
    )


def _name(claim: object) -> str | None:
    """None for what is no name: it is shown and stored as it stands."""
    if not isinstance(claim, str) or not claim.strip() or any("\ud800" <= letter <= "\udfff" for letter in claim):
        return None
    return claim[:_LONGEST_NAME]


def _email(claim: object) -> EmailAddress | None:
    try:
        return email_address(claim) if isinstance(claim, str) else None
    except InvalidInput:
        return None
