"""Nothing that a provider answers when a code is redeemed is believed before it has been read."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.connecting import (
    as_started,
    every_provider,
    exchange_fault,
    logs,
    nothing_is_connected,
    refused,
    with_param,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.token_answers import (
    ACCOUNTS,
    ACCOUNTS_WITHIN,
    CANARY,
    CHANGED,
    CLIENT_REFUSED,
    GOOD,
    LATER,
    REFUSALS,
    SECRETS,
    UNREADABLE,
    Answer,
    account,
    endless_account,
    exchange,
    good_but_for,
)

REFUSED, AWAY = (400, "grant_refused"), (503, "provider_unavailable")
SILENT_ABOUT = {"slack": AWAY}
"""What a text means that is no answer. Slack says yes in the body, not by a status: without that word it has not said
anything."""
FEWER = {
    "hubspot": ("oauth crm.objects.contacts.read", ["crm.objects.companies.read", "crm.objects.deals.read"]),
    "slack": ("channels:read,users:read", ["channels:history"]),
    "airtable": ("schema.bases:read", ["data.records:read", "user.email:read"]),
}
"""Scopes that a person leaves, and those that are missing then. Notion has none."""
pytestmark = EMBEDDED


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


async def connecting_fails(person: Person, provider: str, faults: Iterable[Answer], outcome: tuple[int, str]) -> None:
    person.product.sandbox.control("POST", "/faults", list(faults), provider=provider)
    page = await person.visit(await person.approved("globex", provider))
    refused(page, *outcome)
    assert f'"error": "{outcome[1]}"' in page.text
    assert [leak for leak in SECRETS if leak in page.text] == []
    await nothing_is_connected(person, provider)


async def all_fail(
    subtests: pytest.Subtests,
    person: Person,
    provider: str,
    answers: Mapping[str, Iterable[Answer]],
    outcome: tuple[int, str],
) -> None:
    for name, faults in answers.items():
        with subtests.test(name):
            await connecting_fails(person, provider, faults, outcome)
    output = logs(person.product)
    assert [leak for leak in SECRETS if leak in output] == []


@every_provider
async def test_a_text_that_is_no_answer_connects_nothing(
    subtests: pytest.Subtests, person: Person, provider: str
) -> None:
    answers = {name: exchange(provider, answer) for name, answer in UNREADABLE.items()}
    await all_fail(subtests, person, provider, answers, SILENT_ABOUT.get(provider, REFUSED))


@every_provider
async def test_tokens_that_make_no_sense_connect_nothing(
    subtests: pytest.Subtests, person: Person, provider: str
) -> None:
    answers = {name: good_but_for(provider, **changed) for name, changed in CHANGED.items()}
    rest = {name: value for name, value in GOOD[provider].items() if name != "access_token"}
    answers["no token"] = exchange(provider, {"json": rest})
    await all_fail(subtests, person, provider, answers, REFUSED)


@every_provider
async def test_a_refusal_connects_nothing(subtests: pytest.Subtests, person: Person, provider: str) -> None:
    answers = {name: exchange(provider, answer) for name, answer in REFUSALS[provider].items()}
    await all_fail(subtests, person, provider, answers, REFUSED)


@every_provider
async def test_a_provider_that_is_away_is_no_refusal(subtests: pytest.Subtests, person: Person, provider: str) -> None:
    answers = {name: exchange(provider, answer) for name, answer in LATER.items()}
    answers["our secret is not taken"] = exchange(provider, CLIENT_REFUSED[provider])
    await all_fail(subtests, person, provider, answers, AWAY)
    await person.connect("globex", provider)
    assert len(await person.connections()) == 1


@every_provider
async def test_a_grant_for_nobody_knows_which_account_connects_nothing(
    subtests: pytest.Subtests, person: Person, provider: str
) -> None:
    if provider in ACCOUNTS:
        answers = {name: account(provider, answer) for name, answer in ACCOUNTS[provider].items()}
    else:
        answers = {name: good_but_for(provider, **changed) for name, changed in ACCOUNTS_WITHIN[provider].items()}
    await all_fail(subtests, person, provider, answers, REFUSED)


@pytest.mark.parametrize("provider", ["notion", "slack", "airtable"])
async def test_an_account_id_without_end_connects_nothing(person: Person, provider: str) -> None:
    await connecting_fails(person, provider, endless_account(provider), REFUSED)


@pytest.mark.parametrize("provider", ACCOUNTS)
async def test_a_provider_that_is_away_when_asked_for_the_account_is_no_refusal(
    subtests: pytest.Subtests, person: Person, provider: str
) -> None:
    away: list[Answer] = [{"status": 500, "body": CANARY}, {"status": 429}, {"reset": True}]
    await all_fail(subtests, person, provider, {str(answer): account(provider, answer) for answer in away}, AWAY)
    await person.connect("globex", provider)
    assert len(await person.connections()) == 1


@pytest.mark.parametrize("provider", ["hubspot"])
async def test_a_provider_that_never_answers_is_not_waited_for(person: Person, provider: str) -> None:
    """A browser waits for 30 seconds here."""
    await connecting_fails(person, provider, [exchange_fault(provider) | {"delay_ms": 60_000}], AWAY)


@every_provider
async def test_a_lifetime_may_be_text_or_missing(sandbox: Sandbox, person: Person, provider: str) -> None:
    for life in (1800, "3600", 7200.0, None):
        sandbox.control("POST", "/faults", good_but_for(provider, expires_in=life), provider=provider)
        await person.connect("globex", provider)
        credential = (await person.call("POST", f"/integrations/{provider}/credentials")).json()
        if life is None:
            assert credential["expires_at"] is None
        else:
            left = datetime.fromisoformat(credential["expires_at"]) - datetime.now(UTC)
            assert timedelta(seconds=float(life) - 600) < left <= timedelta(seconds=float(life))
    assert len(await person.connections()) == 1


@pytest.mark.parametrize("provider", FEWER)
async def test_fewer_scopes_than_asked_are_shown_as_missing(person: Person, provider: str) -> None:
    granted, missing = FEWER[provider]
    started = await person.authorize(provider)
    page = await person.visit(await person.consent(with_param(started["url"], "scope", granted), account="globex"))
    assert page.status_code == 200, page.text
    (shown,) = (await person.get("/connections"))["items"]
    assert shown["missing_scopes"] == missing
    assert set(shown["scopes"]) == set(granted.replace(",", " ").split())
    credential = (await person.call("POST", f"/integrations/{provider}/credentials")).json()
    assert set(credential["scopes"]) == set(shown["scopes"])
