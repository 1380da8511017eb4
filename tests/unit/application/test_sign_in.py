"""Signing in at an identity provider: by whom, into which account."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from application.finish_sign_in import FinishedSignIn
from application.open_session import OpenedSession
from application.ports.tokens import Bearer
from application.start_sign_in import StartedSignIn
from domain.errors import (
    AuthorizationEnded,
    AuthorizationUnknown,
    EmailUnverified,
    IdentityProviderUnavailable,
    IdentityRefused,
    IdentityTaken,
    InvalidInput,
    LastSignInMethod,
    LinkRequired,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    ProviderNotConfigured,
    ReauthenticationRequired,
    WrongBrowser,
    WrongUser,
)
from domain.identity import ProvenIdentity
from domain.mail import MailKind
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.sign_in import SignInPurpose
from tests.unit.application.accounts import (
    ANOTHER,
    EMAIL,
    PASSWORD,
    a_careful_house,
    actions,
    bearer_of,
    forget,
    is_live,
    log_in,
    opens,
    proven,
    registered,
    reset,
)
from tests.unit.application.house import House
from tests.unit.builders import CALLER
from tests.unit.played_issuer import somebody

LOGIN, LINK, REAUTH = SignInPurpose.LOGIN, SignInPurpose.LINK, SignInPurpose.REAUTH


async def start(
    house: House, purpose: SignInPurpose = LOGIN, bearer: Bearer | None = None, next_path: str | None = None
) -> StartedSignIn:
    started: StartedSignIn = await house.uses.start_sign_in()(
        bearer, purpose=purpose, next_path=next_path, caller=CALLER
    )
    return started


async def finish(house: House, started: StartedSignIn, who: ProvenIdentity, **given: object) -> FinishedSignIn:
    """The browser comes back with a code for ``who``."""
    house.issuer.codes["code"] = who
    ours: dict[str, object] = {
        "state": parse_qs(urlsplit(started.url).query)["state"][0],
        "code": "code",
        "flows": {started.flow: started.cookie.reveal()},
        "refresh": None,
        "caller": CALLER,
    }
    finished: FinishedSignIn = await house.uses.finish_sign_in()(**ours | given)  # type: ignore[arg-type]
    return finished


async def sign_in(house: House, who: ProvenIdentity) -> OpenedSession:
    return (await finish(house, await start(house), who)).opened


async def link(house: House, session: OpenedSession, who: ProvenIdentity) -> OpenedSession:
    started = await start(house, LINK, await bearer_of(house, session))
    return (await finish(house, started, who)).opened


async def test_somebody_new_gets_an_account_whose_address_is_proven(house: House) -> None:
    session = await sign_in(house, somebody())
    user, profile = await house.uses.show_account()(session.user)
    assert (user.email, user.email_verified_at, user.password_hash) == (EMAIL, house.clock.now(), None)
    assert (user.sign_in_methods, profile.full_name) == (("google",), "Ann")
    assert await is_live(house, session)


async def test_the_same_person_comes_back_to_the_same_account_under_any_address(house: House) -> None:
    first = await sign_in(house, somebody())
    again = await sign_in(house, somebody(email="ann.new@example.org"))
    unverified = await sign_in(house, somebody(email=None, email_verified=False))
    assert first.user == again.user == unverified.user
    user, _ = await house.uses.show_account()(first.user)
    assert user.email == EMAIL


@pytest.mark.parametrize("who", [somebody(email_verified=False), somebody(email=None)])
async def test_an_address_that_is_not_verified_opens_nothing(house: House, who: ProvenIdentity) -> None:
    with pytest.raises(EmailUnverified):
        await sign_in(house, who)
    assert await house.storage.users.page(after=None, limit=10) == []


async def test_who_has_got_an_address_of_somebody_else_does_not_get_the_account(house: House) -> None:
    owner = await sign_in(house, somebody("1", authoritative=True))
    with pytest.raises(LinkRequired):
        await sign_in(house, somebody("2", authoritative=True))
    assert await is_live(house, owner)


@pytest.mark.parametrize("authoritative", [True, False])
async def test_where_nothing_must_be_proven_an_account_is_never_taken_over(house: House, authoritative: bool) -> None:
    await registered(house)
    with pytest.raises(LinkRequired):
        await sign_in(house, somebody(authoritative=authoritative))
    assert await opens(house, PASSWORD)


async def test_a_proven_account_takes_its_own_mailbox_as_a_way_in_and_keeps_its_password() -> None:
    house = a_careful_house()
    before = await proven(house)
    with pytest.raises(LinkRequired):
        await sign_in(house, somebody(authoritative=False))
    session = await sign_in(house, somebody(authoritative=True))
    assert session.user == before.user
    assert not await is_live(house, before)
    assert await opens(house, PASSWORD)


async def test_what_was_planted_before_the_owner_came_is_dead() -> None:
    house = a_careful_house()
    planted = await registered(House())
    await house.storage.users.add(planted)
    plant = await house.uses.open_session()(planted, CALLER)
    await house.connect(await bearer_of(house, plant))
    await link(house, plant, somebody("attacker", "mallory@example.com"))
    plant = await house.uses.open_session()((await house.storage.users.by_id(planted.id)) or planted, CALLER)
    house.clock.advance(timedelta(minutes=1))
    await forget(house)
    token = house.mailed_token()
    with pytest.raises(LinkRequired):
        await sign_in(house, somebody("owner", authoritative=True))
    await reset(house, token=token)
    assert not await is_live(house, plant)
    assert await house.storage.connections.of_user(planted.id) == ()
    assert await house.storage.identities.of_user(planted.id) == []
    user, _ = await house.uses.show_account()(planted.id)
    assert user.sign_in_methods == ("password",)
    session = await sign_in(house, somebody("owner", authoritative=True))
    assert session.user == planted.id
    with pytest.raises(LoginFailed):
        await log_in(house, PASSWORD)


async def test_an_unproven_account_becomes_the_owners_without_its_password() -> None:
    house = a_careful_house()
    planted = await registered(House())
    await house.storage.users.add(planted)
    plant = await house.uses.open_session()(planted, CALLER)
    session = await sign_in(house, somebody(authoritative=True))
    assert session.user == planted.id
    assert not await is_live(house, plant)
    user, _ = await house.uses.show_account()(session.user)
    assert (user.password_hash, user.sign_in_methods) == (None, ("google",))


async def test_a_state_is_good_once_for_its_browser_and_for_ten_minutes(house: House) -> None:
    started = await start(house)
    with pytest.raises(WrongBrowser):
        await finish(house, started, somebody(), flows={})
    with pytest.raises(AuthorizationUnknown):
        await finish(house, started, somebody())
    other, started = await start(house), await start(house)
    with pytest.raises(WrongBrowser):
        await finish(house, started, somebody(), flows={started.flow: other.cookie.reveal()})
    late = await start(house)
    house.clock.advance(timedelta(minutes=10))
    with pytest.raises(AuthorizationUnknown):
        await finish(house, late, somebody())


async def test_of_many_that_bring_one_state_one_signs_in(house: House) -> None:
    started = await start(house)
    outcomes = await asyncio.gather(*(finish(house, started, somebody()) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, AuthorizationUnknown) for outcome in outcomes) == 7


async def test_a_code_that_is_not_taken_signs_nobody_in(house: House) -> None:
    with pytest.raises(IdentityRefused):
        await finish(house, await start(house), somebody(), code="another")


async def test_a_provider_that_is_away_is_not_a_refusal(house: House) -> None:
    house.issuer.away = True
    with pytest.raises(IdentityProviderUnavailable):
        await sign_in(house, somebody())
    await registered(house)
    assert await opens(house, PASSWORD)


async def test_nothing_starts_where_there_is_no_provider(house: House) -> None:
    house.issuer.configured = False
    with pytest.raises(ProviderNotConfigured):
        await start(house)


@pytest.mark.parametrize("purpose", [LINK, REAUTH])
async def test_to_link_one_must_be_logged_in(house: House, purpose: SignInPurpose) -> None:
    with pytest.raises(NotAuthenticated):
        await start(house, purpose)


async def test_where_one_goes_afterwards_is_kept_here_and_is_ours(house: House) -> None:
    finished = await finish(house, await start(house, next_path="/app/items/?kind=contact"), somebody())
    assert finished.next == "/app/items/?kind=contact"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "app", "", "/a b", "/" + "x" * 500):
        with pytest.raises(InvalidInput):
            await start(house, next_path=elsewhere)


async def test_linking_adds_a_way_in_ends_every_session_and_tells_the_owner(house: House) -> None:
    user = await registered(house)
    before = await log_in(house)
    other = await log_in(house)
    after = await link(house, before, somebody("1", "someone.else@example.com"))
    assert [await is_live(house, one) for one in (before, other, after)] == [False, False, True]
    assert (await sign_in(house, somebody("1"))).user == user.id
    assert await opens(house, PASSWORD)
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.IDENTITY_LINKED]
    assert (SecurityAction.IDENTITY_LINK, "") in await actions(house, user)


async def test_an_identity_opens_one_account(house: House) -> None:
    owner = await sign_in(house, somebody("1"))
    await house.uses.register()(email="bob@example.org", password=ANOTHER, full_name=None, caller=CALLER)
    other = await log_in(house, ANOTHER, "bob@example.org")
    with pytest.raises(IdentityTaken):
        await link(house, other, somebody("1"))
    assert (await sign_in(house, somebody("1"))).user == owner.user


async def test_linking_takes_a_fresh_session_that_lives_and_the_same_person(house: House) -> None:
    await registered(house)
    session = await log_in(house)
    stranger = await house.person()
    started = await start(house, LINK, await bearer_of(house, session))
    refresh = (await house.uses.open_session()(await house.account(), CALLER)).refresh
    with pytest.raises(WrongUser):
        await finish(house, started, somebody(), refresh=refresh)
    started = await start(house, LINK, await bearer_of(house, session))
    house.clock.advance(timedelta(minutes=5))
    with pytest.raises(ReauthenticationRequired):
        await finish(house, started, somebody())
    started = await start(house, LINK, await bearer_of(house, session))
    await house.uses.log_out()(session.refresh, CALLER)
    with pytest.raises(AuthorizationEnded):
        await finish(house, started, somebody())
    assert await house.storage.identities.of_user(stranger.user) == []


async def test_showing_the_same_identity_again_makes_the_session_fresh(house: House) -> None:
    session = await sign_in(house, somebody("1"))
    house.clock.advance(timedelta(minutes=10))
    started = await start(house, REAUTH, await bearer_of(house, session))
    with pytest.raises(WrongUser):
        await finish(house, started, somebody("2"))
    started = await start(house, REAUTH, await bearer_of(house, session))
    again = (await finish(house, started, somebody("1"))).opened
    assert (await is_live(house, session), await is_live(house, again)) == (False, True)
    await house.uses.delete_account()(await bearer_of(house, again), current_password=None, caller=CALLER)


async def test_unlinking_leaves_the_password_and_never_nothing(house: House) -> None:
    await registered(house)
    session = await link(house, await log_in(house), somebody("1"))
    unlink = house.uses.unlink_identity()
    after = await unlink(await bearer_of(house, session), CALLER)
    assert (await is_live(house, session), await is_live(house, after)) == (False, True)
    with pytest.raises(LinkRequired):
        await sign_in(house, somebody("1"))
    with pytest.raises(NotFound):
        await unlink(await bearer_of(house, after), CALLER)
    alone = await sign_in(house, somebody("2", "bob@example.org"))
    with pytest.raises(LastSignInMethod):
        await unlink(await bearer_of(house, alone), CALLER)
    house.clock.advance(timedelta(minutes=5))
    with pytest.raises(ReauthenticationRequired):
        await unlink(await bearer_of(house, alone), CALLER)


async def test_who_signs_in_elsewhere_sets_a_password_by_mail(house: House) -> None:
    await sign_in(house, somebody())
    house.clock.advance(timedelta(seconds=1))
    await forget(house)
    await reset(house)
    assert await opens(house, ANOTHER)
    user, _ = await house.uses.show_account()((await sign_in(house, somebody())).user)
    assert user.sign_in_methods == ("password", "google")


async def test_a_disabled_account_is_not_opened(house: House) -> None:
    await sign_in(house, somebody())
    await house.uses.enable_user()(EMAIL, enabled=False)
    with pytest.raises(LoginFailed):
        await sign_in(house, somebody())


async def test_an_account_without_a_password_has_none_to_guess(house: House) -> None:
    await sign_in(house, somebody())
    for guess in ("", "None", "reference"):
        assert not await opens(house, Secret(guess))
