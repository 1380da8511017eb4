from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta

from application.limit_calls import LimitCalls
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.identity_provider import IdentityProvider
from application.ports.sign_ins import SignIns
from application.ports.tokens import Bearer
from application.ports.vault import Vault
from application.rates import SIGN_IN
from domain.authorization import browser_hash, state_hash
from domain.caller import Caller
from domain.errors import NotAuthenticated, ProviderNotConfigured
from domain.ids import FlowId
from domain.secret import Secret
from domain.sign_in import SignIn, SignInPurpose, local_path, sign_in_place


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    url: str
    """Where the person chooses an account."""
    flow: FlowId
    cookie: Secret
    """Binds the flow to the browser that holds it."""
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class StartSignIn:
    """A person sets out to show who they are at an identity provider."""

    identity_provider: IdentityProvider
    sign_ins: SignIns
    vault: Vault
    entropy: Entropy
    clock: Clock
    limit_calls: LimitCalls
    state_ttl: timedelta

    async def __call__(
        self, bearer: Bearer | None, *, purpose: SignInPurpose, next_path: str | None, caller: Caller
    ) -> StartedSignIn:
        """Raises InvalidInput, NotAuthenticated where somebody must be logged in, ProviderNotConfigured, LimitReached,
        IdentityProviderUnavailable, CacheUnavailable."""
        await self.limit_calls(SIGN_IN, caller.network)
        if not self.identity_provider.is_configured():
            raise ProviderNotConfigured
        if bearer is None and purpose is not SignInPurpose.LOGIN:
            raise NotAuthenticated
        asking = None if purpose is SignInPurpose.LOGIN else bearer
        state, cookie, verifier, nonce = (self.entropy.token() for _ in range(4))
        hashed = state_hash(state)
        sealed = self.vault.seal(verifier.encode(), sign_in_place(hashed))
        url = await self.identity_provider.authorization_url(state=state, nonce=nonce, verifier=verifier)
        sign_in = SignIn(
            state=hashed,
            flow=FlowId(self.entropy.identifier()),
            purpose=purpose,
            browser=browser_hash(cookie),
            verifier=b64encode(sealed).decode(),
            nonce=nonce,
            next=local_path(next_path) if next_path is not None else None,
            user=asking.user if asking else None,
            session=asking.session if asking else None,
            expires_at=self.clock.now() + self.state_ttl,
        )
        await self.sign_ins.add(sign_in)
        return StartedSignIn(url, sign_in.flow, Secret(cookie), int(self.state_ttl.total_seconds()))
