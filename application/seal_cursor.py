import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from application.ports.vault import SealBroken, Vault
from domain.errors import CursorInvalid


@dataclass(frozen=True, slots=True)
class SealCursor:
    """Where the next page of a listing begins, as text that nobody else can read, alter, or use elsewhere."""

    vault: Vault

    def __call__(self, position: object, place: str) -> str:
        """``position``: JSON. ``place``: the listing and whose it is; it opens there only."""
        return _spelt(self.vault.seal(json.dumps(position).encode(), place))

    def open(self, cursor: str, place: str) -> object:
        """Raises CursorInvalid."""
        try:
            envelope = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            # The decoder passes over what is not of its alphabet.
            if _spelt(envelope) != cursor:
                raise CursorInvalid
            return json.loads(self.vault.open(envelope, place))
        except (SealBroken, ValueError) as error:
            raise CursorInvalid from error


def _spelt(envelope: bytes) -> str:
    return urlsafe_b64encode(envelope).rstrip(b"=").decode()
