"""The wiring is whole."""

import inspect
from collections.abc import Iterator

import httpx
import pytest
from dependency_injector import providers

from adapters.inbound.http.app import _ROUTES
from adapters.inbound.http.items import documented_route
from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.memory.storage import MemoryStorage
from bootstrap.container import Container
from bootstrap.http import _USES
from bootstrap.resources import opened
from domain.effect import EffectKind
from tests.unit.builders import CountedEntropy, HeldClock, a_house, some_settings

_GIVEN_BESIDES = {"place", "jar", "providers"}
NAMES = sorted(Container.providers)


@pytest.fixture
def house() -> Iterator[Container]:
    clock = HeldClock()
    container = a_house(MemoryStorage(), MemoryCache(clock), httpx.AsyncClient(), clock, CountedEntropy())
    yield container
    container.passwords().close()


@pytest.mark.parametrize("name", NAMES)
def test_every_part_can_be_made(house: Container, name: str) -> None:
    assert getattr(house, name)() is not None


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_of_each(house: Container, name: str) -> None:
    if isinstance(getattr(house, name), providers.Singleton):
        assert getattr(house, name)() is getattr(house, name)()


def test_what_a_part_is_made_of_has_the_type_that_it_asks_for(house: Container) -> None:
    for name in NAMES:
        part = getattr(house, name)()
        for field in getattr(type(part), "__dataclass_fields__", {}):
            assert not isinstance(getattr(part, field), providers.Provider), f"{name}.{field}"


def test_the_worker_knows_every_effect(house: Container) -> None:
    assert set(house.worker()._handlers) == set(EffectKind)


def test_handlers_are_given_what_they_ask_for() -> None:
    for handler in (*_ROUTES, documented_route("hubspot")):
        for name, parameter in inspect.signature(handler.fn).parameters.items():
            if "Use[" in str(parameter.annotation) or "SkipValidation" in str(parameter.annotation):
                assert name in _GIVEN_BESIDES | set(_USES)


def test_every_use_is_asked_for_by_a_handler() -> None:
    asked = {name for handler in _ROUTES for name in inspect.signature(handler.fn).parameters}
    assert set(_USES) <= asked


async def test_what_was_opened_is_closed_in_the_end() -> None:
    settings = some_settings()
    container = Container(settings=settings)
    async with opened(container, settings) as house:
        assert house.list_items() is not None
        client = house.http_client()
    assert client.is_closed
