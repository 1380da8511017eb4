"""What a played provider consists of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from sandbox.core.asgi import App
from sandbox.core.grants import TokenRules
from sandbox.core.knobs import Knobs
from sandbox.core.records import Seed

if TYPE_CHECKING:
    from sandbox.core.world import World

ACME = "acme"
CLIENT_SECRET = "sandbox-secret"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account at the provider, with the one user who consents there."""

    slug: str
    title: str
    id: str
    user_id: str
    user_email: str
    domain: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of records; ``names`` are what it may be called, the first is its own, singular."""

    names: tuple[str, ...]
    seed: Seed
    counts: Mapping[str, int]
    """Account slug to number of seeded records."""

    @property
    def name(self) -> str:
        return self.names[0]


class Memory(Protocol):
    """What one provider remembers and no other does."""

    def reset(self) -> None:
        """As started."""

    def state(self) -> bytes:
        """What survives a restart, as JSON."""

    def restore(self, state: bytes) -> None:
        """Raises InputUnreadable."""


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A control call, by POST, that only this provider has; for the page that explains it."""

    what: str
    path: str
    """Below ``/_control/{provider}``."""
    body: Any = None


def _no_records(kind: Kind, shape: dict[str, Any]) -> NoReturn:
    raise AssertionError(f"no record of {kind.name} can be read: {shape}")


@dataclass(frozen=True, slots=True)
class Provider:
    """Each folder beside this one makes one of these."""

    slug: str
    title: str
    accent: str
    """Colour of its pages."""
    accounts: Iterable[Account]
    """They may change while it is played."""
    kinds: tuple[Kind, ...]
    knobs: Knobs
    """As started."""
    app: Callable[["World"], App]
    """The provider's own paths, without the folder's name in front."""
    read_record: Callable[[Kind, dict[str, Any]], tuple[str | None, dict[str, Any]]] = _no_records
    """From a record in the provider's shape to its id, if it has one, and its values. Raises ValueError."""
    example: Mapping[str, Any] = field(default_factory=dict)
    """A record of the first kind in the provider's shape, to be shown how one is added."""
    code_ttl_s: int = 60
    token_rules: TokenRules = field(default_factory=TokenRules)
    mark: str = ""
    """An SVG picture that stands for it on its pages; without one it is a dot in its colour."""
    style: str = ""
    """CSS on top of that of all pages: its consent page should not be taken for another's."""
    memory: Memory | None = None
    own_calls: Sequence[OwnCall] = ()

    @property
    def client_id(self) -> str:
        return f"sandbox-{self.slug}"

    def account(self, slug: str) -> Account | None:
        return next((account for account in self.accounts if account.slug == slug), None)

    def kind(self, name: str) -> Kind | None:
        return next((kind for kind in self.kinds if name in kind.names), None)
