"""The providers: one module each, found by being here."""

import pkgutil
from importlib import import_module

from adapters.outbound.providers._declaration import Declaration


def declarations() -> tuple[Declaration, ...]:
    """What every module of this package declares, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(import_module(f"{__name__}.{name}").PROVIDER for name in names)
