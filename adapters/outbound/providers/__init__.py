"""The providers: one module each, found by being here."""

import pkgutil
import re
from importlib import import_module

from adapters.outbound.providers._declaration import Declaration

_TAKEN = frozenset({"google"})
"""Its settings are those of signing in."""


class DeclarationRefused(Exception):
    """A module of this package declares no provider; the message says which one, and why not."""


def declarations() -> tuple[Declaration, ...]:
    """What every module of this package declares, in the order of the modules' names. Raises DeclarationRefused."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(_declared_by(name) for name in names)


def _declared_by(name: str) -> Declaration:
    try:
        declared = getattr(import_module(f"{__name__}.{name}"), "PROVIDER", None)
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise DeclarationRefused(f"The provider file {name}.py cannot be imported ({why}).") from error
    if not isinstance(declared, Declaration):
        raise DeclarationRefused(f"The provider file {name}.py has no PROVIDER that is a Declaration.")
    if declared.slug != name or name in _TAKEN or not re.fullmatch("[a-z]+", name):
        raise DeclarationRefused(
            f"The provider file {name}.py declares the slug {declared.slug!r}; it must be the file's name, of lower"
            f" case letters, and none of: {', '.join(_TAKEN)}."
        )
    return declared
