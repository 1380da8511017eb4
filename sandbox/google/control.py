"""The control calls that only Google has."""

from typing import Any, cast

from litestar import get, post
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Struct, UnsetType

from sandbox.core.control import Call, ControlRefused, read_body
from sandbox.core.provider import OwnCall
from sandbox.core.state_file import StateFile
from sandbox.core.world import World
from sandbox.google.id_token import Difference
from sandbox.google.memory import GoogleMemory
from sandbox.google.people import Person, PersonChange

OWN_CALLS = (
    OwnCall("Change a person, add one, take one away", "/people", {
        "upsert": [
            {"key": "gmail", "email": "another-address@gmail.com"},
            {"key": "new", "email": "new@example.com", "email_verified": False, "name": "New Person"},
        ],
        "delete": ["outside"],
    }),
    OwnCall("Put others in the place of all people: two owners of one address", "/people", [
        {"key": "first", "sub": "1001", "email": "shared@example.com", "hd": "example.com"},
        {"key": "second", "sub": "1002", "email": "shared@example.com", "hd": "example.com"},
    ]),
    OwnCall(
        "Make the next id_token differ (null takes out; without times: all from now on; {} ends it). "
        "sign is good, unknown, none, secret or public",
        "/id_token",
        {"claims": {"aud": "another", "azp": None}, "header": {"typ": None}, "sign": "good", "times": 1},
    ),
    OwnCall("Let userinfo differ for the access tokens of the next id_tokens", "/id_token",
            {"userinfo": {"sub": "another"}}),
    OwnCall("Make new signing keys, the old ones are gone at once", "/rotate-keys"),
)  # fmt: skip


class PeopleChange(Struct, forbid_unknown_fields=True):
    people: list[PersonChange] | UnsetType = UNSET
    """In the place of all; then the rest is done."""
    upsert: list[PersonChange] = []
    delete: list[str] = []
    """Keys."""


@get("/_control/{provider:str}/people")
async def show_people(world: NamedDependency[World]) -> list[Person]:
    return _memory(world).people.all


@post("/_control/{provider:str}/people", status_code=200)
async def change_people(
    request: Call, world: NamedDependency[World], state_file: NamedDependency[StateFile]
) -> list[Person]:
    """An array alone is ``people``."""
    people, shape = _memory(world).people, cast("type[Any]", PeopleChange | list[PersonChange])
    body: PeopleChange | list[PersonChange] = await read_body(request, shape)
    asked = body if isinstance(body, PeopleChange) else PeopleChange(people=body)
    try:
        people.change(None if asked.people is UNSET else asked.people, asked.upsert, asked.delete)
    except ValueError as error:
        raise ControlRefused(400, str(error)) from error
    await state_file.save()
    return people.all


@post("/_control/{provider:str}/id_token", status_code=200)
async def change_id_tokens(request: Call, world: NamedDependency[World]) -> Difference:
    memory = _memory(world)
    memory.difference = await read_body(request, Difference)
    return memory.difference


@post("/_control/{provider:str}/rotate-keys", status_code=200)
async def rotate_keys(world: NamedDependency[World]) -> dict[str, Any]:
    keys = _memory(world).keys
    keys.rotate()
    return {"kids": [key.kid for key in keys.published]}


GOOGLE_CALLS: list[ControllerRouterHandler] = [show_people, change_people, change_id_tokens, rotate_keys]


def _memory(world: World) -> GoogleMemory:
    memory = world.provider.memory
    if not isinstance(memory, GoogleMemory):
        raise ControlRefused(404, f"{world.provider.title} has no such call", "provider")
    return memory
