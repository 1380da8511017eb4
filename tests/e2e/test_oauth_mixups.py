"""What one provider answers is never taken for the answer of another (RFC 9700 section 4.4)."""

import pytest

from tests.e2e.connecting import (
    ENDPOINTS,
    PROVIDERS,
    as_started,
    callback_path,
    each_provider,
    nothing_is_connected,
    param,
    refused,
    token_calls,
    with_param,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox


@pytest.fixture(autouse=True)
def sandbox(product: Product) -> Sandbox:
    for provider in PROVIDERS:
        as_started(product.sandbox, provider)
    return product.sandbox


def others(provider: str) -> list[str]:
    return [one for one in PROVIDERS if one != provider]


def calls(sandbox: Sandbox, provider: str) -> list[str]:
    """Paths at which the product, and not a browser, has called."""
    received = sandbox.control("GET", "/requests", provider=provider)["items"]
    return [call["path"] for call in received if not call["path"].endswith("/authorize")]


@each_provider
async def test_an_answer_is_not_taken_at_the_callback_of_another_provider(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    for other in others(provider):
        callback = await person.approved("globex", provider)
        elsewhere = callback.replace(callback_path(provider), callback_path(other))
        refused(await person.visit(elsewhere), 400, "authorization_unknown")
        # It was shown where it did not belong: nobody may use it any more.
        refused(await person.visit(callback), 400, "authorization_unknown")
        assert (calls(sandbox, provider), calls(sandbox, other)) == ([], [])
        await nothing_is_connected(person, other)
    await nothing_is_connected(person, provider)


@each_provider
async def test_a_code_of_another_provider_is_shown_to_the_one_who_was_asked(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    """The state is the right one, and the code was brought along from elsewhere."""
    for other in others(provider):
        foreign = param(await person.approved("globex", other), "code")
        callback = await person.approved("globex", provider)
        refused(await person.visit(with_param(callback, "code", foreign)), 400, "grant_refused")
        assert calls(sandbox, other) == []
    assert calls(sandbox, provider) == [f"/{provider}{ENDPOINTS[provider].token}"] * len(others(provider))
    await nothing_is_connected(person, provider)


@each_provider
async def test_a_callback_of_an_unknown_provider_uses_nothing_up(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    callback = await person.approved("globex", provider)
    for other in ("unknown", provider.upper(), f"{provider}%20", f"{provider}%00", f"..%2F{provider}"):
        page = await person.visit(callback.replace(callback_path(provider), callback_path(other)))
        assert page.status_code in (400, 404), page.text
    assert calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)
    assert (await person.visit(callback)).status_code == 200


@each_provider
async def test_an_answer_of_another_issuer_is_not_taken(sandbox: Sandbox, person: Person, provider: str) -> None:
    """None of them documents RFC 9207, so whoever names an issuer is not the one who was asked."""
    url = sandbox.url
    for issuer in (
        "https://evil.example",
        "",
        f"{url}/{provider}",
        "https://airtable.com",
        "https://slack.com",
        "null",
    ):
        callback = await person.approved(provider=provider)
        refused(await person.visit(with_param(callback, "iss", issuer)), 400, "grant_refused")
        refused(await person.visit(callback), 400, "authorization_unknown")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)


async def test_each_provider_has_a_callback_of_its_own(sandbox: Sandbox, person: Person) -> None:
    started = {provider: await person.authorize(provider) for provider in PROVIDERS}
    redirects = {provider: param(one["url"], "redirect_uri") for provider, one in started.items()}
    assert redirects == {one: f"{person.product.public_url}{callback_path(one)}" for one in PROVIDERS}
    clients = {param(one["url"], "client_id") for one in started.values()}
    assert len(clients) == len({param(one["url"], "state") for one in started.values()}) == len(PROVIDERS)
