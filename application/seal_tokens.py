from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.vault import SealBroken, Vault
from domain.credential import Credential, CredentialField, Tokens, sealed_place
from domain.errors import NeedsReauth
from domain.ids import ConnectionId
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class SealTokens:
    """Makes a credential that may be stored."""

    vault: Vault
    entropy: Entropy
    clock: Clock

    def __call__(self, connection: ConnectionId, tokens: Tokens) -> Credential:
        def seal(secret: Secret, field: CredentialField) -> bytes:
            return self.vault.seal(secret.reveal().encode(), sealed_place(connection, field))

        return Credential(
            connection=connection,
            access=seal(tokens.access, CredentialField.ACCESS_TOKEN),
            refresh=seal(tokens.refresh, CredentialField.REFRESH_TOKEN) if tokens.refresh else None,
            expires_at=tokens.expires_at,
            scopes=tokens.scopes,
            obtained_at=self.clock.now(),
            revision=self.entropy.identifier(),
        )

    def open(self, credential: Credential) -> Tokens:
        """The tokens again. Raises NeedsReauth when they do not open: moved, altered, or their key is gone."""

        def unseal(envelope: bytes, field: CredentialField) -> Secret:
            return Secret(self.vault.open(envelope, sealed_place(credential.connection, field)).decode())

        try:
            refresh = unseal(credential.refresh, CredentialField.REFRESH_TOKEN) if credential.refresh else None
            access = unseal(credential.access, CredentialField.ACCESS_TOKEN)
        except SealBroken as error:
            raise NeedsReauth("The stored credential does not open.") from error
        return Tokens(access, refresh, credential.expires_at, credential.scopes)
