"""Signing keys that are replaced while people are logged in."""

import json
import secrets
from base64 import urlsafe_b64decode

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson, with_settings
from tests.e2e.product import Product

OLD, NEW = (f"{name}:{secrets.token_urlsafe(48)}" for name in ("old", "new"))


def key_of(token: str) -> str:
    header = token.partition(".")[0]
    kid: str = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    return kid


@EMBEDDED
async def test_a_key_is_replaced_without_logging_anybody_out(product: Product, new_person: NewPerson) -> None:
    with with_settings(product, JWT_KEYS=OLD):
        person, idle = await new_person(product), await new_person(product)
        before = person.token
        assert key_of(before) == "old"
    with with_settings(product, JWT_KEYS=f"{NEW},{OLD}"):
        assert (await person.call("GET", "/auth/me")).status_code == 200
        renewed = await person.by_cookie("/auth/refresh")
        assert renewed.status_code == 200
        person.token = renewed.json()["access_token"]
        assert key_of(person.token) == "new"
        for token in (before, person.token):
            assert (await person.call("GET", "/auth/me", bearer=token)).status_code == 200
    with with_settings(product, JWT_KEYS=NEW):
        problem(await person.call("GET", "/auth/me", bearer=before), 401, "not_authenticated")
        assert (await person.call("GET", "/auth/me")).status_code == 200
        for one in (person, idle):
            problem(await one.call("GET", "/auth/me", bearer=before), 401, "not_authenticated")
            renewed = await one.by_cookie("/auth/refresh")
            assert renewed.status_code == 200
            assert key_of(renewed.json()["access_token"]) == "new"
            assert (await one.by_cookie("/auth/refresh")).status_code == 200
