from base64 import b64decode, b64encode
from dataclasses import dataclass

from application.ports.vault import Vault
from domain.effect import Effect
from domain.ids import EffectId
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class SealMail:
    """What a promised mail needs and nobody else may read, sealed for that promise."""

    vault: Vault

    def __call__(self, effect: EffectId, name: str, text: Secret) -> str:
        return b64encode(self.vault.seal(text.reveal().encode(), _place(effect, name))).decode()

    def open(self, effect: Effect, name: str) -> Secret:
        """Raises SealBroken."""
        return Secret(self.vault.open(b64decode(effect.subject[name]), _place(effect.id, name)).decode())


def _place(effect: EffectId, name: str) -> str:
    return f"mail|{effect}|{name}"
