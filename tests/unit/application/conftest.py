"""Use cases over memory, on a loop where nobody waits."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.unit.application.house import House
from tests.unit.patient_loop import PatientLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"patient": PatientLoop}


@pytest.fixture
def house() -> House:
    return House()
