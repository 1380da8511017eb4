"""Slack: https://docs.slack.dev/authentication/installing-with-oauth"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Annotated, Any, TypeVar

import msgspec

from adapters.outbound.providers._declaration import (
    Budget,
    Client,
    ClientAuth,
    Declaration,
    Listing,
    Place,
    ProviderRequest,
    TokenAnswer,
    TokenErrors,
    Verdict,
    by_status,
)
from adapters.outbound.providers._reading import (
    UNREADABLE,
    read_entries,
    read_leniently,
    read_page,
    scope_list,
    write_properties,
)
from application.ports.source_pages import ListingRefused, SourcePage
from domain.connection import Account
from domain.item import SourceItem, item_place
from domain.rate_limit import Rate

_API = "https://slack.com/api"
_TIER_2, _TIER_3 = Rate("slack.tier2", calls=20, seconds=60), Rate("slack.tier3", calls=50, seconds=60)
"""For each method and workspace: https://docs.slack.dev/apis/web-api/rate-limits"""
_PERSONS = ("xoxp-", "xoxe.xoxp-")
"""What a person's own token begins with, without and with token rotation:
https://docs.slack.dev/authentication/tokens"""
_LONGEST_NAME = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_VERDICTS = {
    "ratelimited": Verdict.THROTTLED,
    "invalid_auth": Verdict.ACCESS_REFUSED,
    "not_authed": Verdict.ACCESS_REFUSED,
    "account_inactive": Verdict.ACCESS_REFUSED,
    "token_revoked": Verdict.ACCESS_REFUSED,
    "token_expired": Verdict.ACCESS_REFUSED,
    "team_access_not_granted": Verdict.ACCESS_REFUSED,
    "missing_scope": Verdict.FORBIDDEN,
    "not_allowed_token_type": Verdict.FORBIDDEN,
    "access_denied": Verdict.FORBIDDEN,
    "no_permission": Verdict.FORBIDDEN,
    "ekm_access_denied": Verdict.FORBIDDEN,
    "channel_not_found": Verdict.GONE,
    "not_in_channel": Verdict.GONE,
    "thread_not_found": Verdict.GONE,
    "is_archived": Verdict.GONE,
    "invalid_cursor": Verdict.CURSOR_EXPIRED,
    "internal_error": Verdict.LATER,
    "fatal_error": Verdict.LATER,
    "service_unavailable": Verdict.LATER,
    "request_timeout": Verdict.LATER,
    # The workspace is being moved into an organization; its tokens come back to life.
    "org_login_required": Verdict.LATER,
    "team_added_to_org": Verdict.LATER,
}

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#611f69" stroke-width="2.4" '
    'stroke-linecap="round"><path d="M9.5 3.5 7 20.5M17 3.5l-2.5 17M4.5 8.5h16M3.5 15.5h16"/></svg>'
)

_Id = Annotated[str, msgspec.Meta(min_length=1)]
_Ts = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,12}\.[0-9]{6}\Z")]
"""A message's time in seconds, which is also its id within its channel."""


class _Metadata(msgspec.Struct):
    next_cursor: str | None = None


class _Page(msgspec.Struct, kw_only=True):
    ok: bool
    has_more: bool = False
    response_metadata: _Metadata | None = None

    @property
    def cursor(self) -> str | None:
        return (self.response_metadata.next_cursor or None) if self.response_metadata else None


class _Channels(_Page, kw_only=True):
    entries: list[msgspec.Raw] = msgspec.field(name="channels")


class _Messages(_Page, kw_only=True):
    entries: list[msgspec.Raw] = msgspec.field(name="messages")


class _Users(_Page, kw_only=True):
    entries: list[msgspec.Raw] = msgspec.field(name="members")


class _Channel(msgspec.Struct):
    id: _Id
    name: str | None = None
    created: int | None = None
    """In seconds."""
    updated: int | None = None
    """In milliseconds."""
    is_archived: bool = False


class _Edited(msgspec.Struct):
    ts: _Ts


class _Message(msgspec.Struct):
    ts: _Ts
    text: str | None = None
    subtype: str | None = None
    edited: _Edited | None = None


class _User(msgspec.Struct):
    id: _Id
    name: str | None = None
    real_name: str | None = None
    deleted: bool = False
    updated: int | None = None
    """In seconds."""


class _Team(msgspec.Struct):
    id: _Id
    name: str | None = None


class _Installer(msgspec.Struct):
    id: _Id


class _Installed(msgspec.Struct):
    access_token: str | None = None
    team: _Team | None = None
    authed_user: _Installer | None = None


class _Outcome(msgspec.Struct):
    ok: bool
    error: str | None = None


_AnyPage = TypeVar("_AnyPage", _Channels, _Messages, _Users)
_Entry = TypeVar("_Entry", _Channel, _Message, _User)
_ReadEntry = Callable[[Place, msgspec.Raw], SourceItem | None]

_OUTCOME = msgspec.json.Decoder(_Outcome)
_read_object = msgspec.json.Decoder(dict[str, Any]).decode


def _call(method: str, rate: Rate, place: Place, arguments: Mapping[str, str]) -> ProviderRequest:
    cursor = {"cursor": place.cursor} if place.cursor else {}
    query = {"limit": "200", **arguments, **cursor}
    return ProviderRequest("GET", f"{_API}/{method}", query, budget=Budget(rate, of=method))


def _channels(place: Place) -> ProviderRequest:
    # No private ones: a workspace has one bot, and whoever of its members connects it sees what the bot sees.
    arguments = {"types": "public_channel", "exclude_archived": "false"}
    return _call("conversations.list", _TIER_2, place, arguments)


def _messages(place: Place) -> ProviderRequest:
    return _call("conversations.history", _TIER_3, place, {"channel": _parent(place).external_id})


def _replies(place: Place) -> ProviderRequest:
    channel, ts = _message_place(_parent(place))
    return _call("conversations.replies", _TIER_3, place, {"channel": channel, "ts": ts})


def _users(place: Place) -> ProviderRequest:
    return _call("users.list", _TIER_2, place, {})


def _parent(place: Place) -> SourceItem:
    if place.parent is None:
        raise ValueError("messages lie under something")
    return place.parent


def _message_place(message: SourceItem) -> tuple[str, str]:
    """Its channel's id, and its own within the channel."""
    channel, _, ts = message.external_id.rpartition(":")
    return channel, ts


def _read(
    decoder: "msgspec.json.Decoder[_AnyPage]", entries: str, read_entry: _ReadEntry, place: Place, body: bytes
) -> SourcePage:
    page = read_page(decoder, body, entries)
    if not page.ok:
        raise ListingRefused("unexpected_answer")
    items, skipped = read_entries(page.entries, partial(read_entry, place))
    return SourcePage(items, page.cursor, skipped, whole=page.cursor is not None or not page.has_more)


def _known(entry: msgspec.Raw, shape: type[_Entry]) -> tuple[_Entry, str]:
    """What is known of an entry, and all of it as properties."""
    said = _read_object(entry)
    return msgspec.convert(said, shape), write_properties(said).decode()


def _channel(place: Place, entry: msgspec.Raw) -> SourceItem:
    del place
    found, properties = _known(entry, _Channel)
    return SourceItem(
        kind="channel",
        external_id=found.id,
        name=found.name or found.id,
        type="channel",
        directory=True,
        creation_time=_time((found.created or 0) * 1_000_000),
        last_modified_time=_time((found.updated or 0) * 1000),
        visibility=not found.is_archived,
        properties=properties,
    )


def _message(place: Place, entry: msgspec.Raw) -> SourceItem:
    channel = _parent(place)
    return _said("message", channel.external_id, channel, *_known(entry, _Message))


def _reply(place: Place, entry: msgspec.Raw) -> SourceItem | None:
    message = _parent(place)
    channel, ts = _message_place(message)
    found, properties = _known(entry, _Message)
    # A thread begins with the message that it lies under.
    return None if found.ts == ts else _said("reply", channel, message, found, properties)


def _said(kind: str, channel: str, parent: SourceItem, found: _Message, properties: str) -> SourceItem:
    return SourceItem(
        kind=kind,
        external_id=f"{channel}:{found.ts}",
        name=_first_line(found.text) or found.subtype or found.ts,
        type=kind,
        parent_id=item_place(parent.kind, parent.external_id),
        parent_path_or_name=parent.name,
        creation_time=_ts_time(found.ts),
        last_modified_time=_ts_time(found.edited.ts) if found.edited else None,
        properties=properties,
    )


def _user(place: Place, entry: msgspec.Raw) -> SourceItem:
    del place
    found, properties = _known(entry, _User)
    return SourceItem(
        kind="user",
        external_id=found.id,
        name=found.real_name or found.name or found.id,
        type="user",
        last_modified_time=_time((found.updated or 0) * 1_000_000),
        visibility=not found.deleted,
        properties=properties,
    )


_read_channels = partial(_read, msgspec.json.Decoder(_Channels), "channels", _channel)
_read_messages = partial(_read, msgspec.json.Decoder(_Messages), "messages", _message)
_read_replies = partial(_read, msgspec.json.Decoder(_Messages), "messages", _reply)
_read_users = partial(_read, msgspec.json.Decoder(_Users), "members", _user)


def _first_line(text: str | None) -> str:
    """Slack writes ``&``, ``<`` and ``>`` of a text as entities."""
    lines = unescape(text or "").strip().splitlines()
    return lines[0][:_LONGEST_NAME].strip() if lines else ""


def _time(microseconds: int) -> datetime | None:
    """None for 0, which means never, and for what no calendar has."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds) if microseconds else None
    except OverflowError:
        return None


def _ts_time(ts: str) -> datetime | None:
    return _time(int(ts.replace(".", "")))


def _is_entered(channel: SourceItem) -> bool:
    """Whether the app is in it; the history of a channel is read by its members alone."""
    return _read_object(channel.properties).get("is_member") is not False


def _begins_thread(message: SourceItem) -> bool:
    """Whether it has replies; a reply that is shown in its channel too has none of its own."""
    said = _read_object(message.properties)
    replies = said.get("reply_count")
    return isinstance(replies, int) and replies > 0 and said.get("thread_ts") in (None, said.get("ts"))


def _judge(status: int, body: bytes) -> Verdict:
    """Slack's own refusals are words in an answer of status 200; only a rate limit has a status."""
    if status == 404:
        # So answers what stands before Slack's methods: they would say that something is not there in a word.
        return Verdict.LATER
    if status != 200:
        return by_status(status, body)
    try:
        outcome = read_leniently(_OUTCOME, body)
    except UNREADABLE:
        return Verdict.UNEXPECTED
    return Verdict.GOOD if outcome.ok else _VERDICTS.get(outcome.error or "", Verdict.UNEXPECTED)


def _tokens(answer: Mapping[str, object]) -> TokenAnswer:
    person = answer.get("authed_user")
    held = person if answer.get("access_token") is None and isinstance(person, dict) else answer
    token_type = held.get("token_type")
    return TokenAnswer(
        access_token=held.get("access_token"),
        refresh_token=held.get("refresh_token"),
        expires_in=held.get("expires_in"),
        # Slack says here whose token it is; each is used as a bearer token.
        token_type="bearer" if token_type in ("bot", "user") else token_type,
        scopes=scope_list(held.get("scope"), ","),
    )


def _account(body: bytes) -> Account:
    found = msgspec.json.decode(body, type=_Installed)
    # An app that is installed for a whole organization is in no one workspace, and its token lists nothing unless each
    # call names one (``team_id``): such a connection could never be read.
    if found.team is None:
        raise ValueError("no workspace")
    name = found.team.name or f"Workspace {found.team.id}"
    if found.access_token is not None:
        return Account(found.team.id, name)
    # A person's own token opens what that person may see, and is shared with nobody.
    if found.authed_user is None:
        raise ValueError("a token of nobody")
    return Account(f"{found.team.id}:{found.authed_user.id}", name)


def _revocation(client: Client, access_token: str, refresh_token: str | None) -> ProviderRequest:
    bearer = {"Authorization": f"Bearer {access_token}"}
    # With token rotation auth.revoke ends one access token; only without its installation the refresh token ends too.
    # But that ends all the app's tokens in the workspace: what a person's own token opens is not the app's to end.
    if refresh_token is None or access_token.startswith(_PERSONS):
        return ProviderRequest("POST", f"{_API}/auth.revoke", headers=bearer)
    form = {"client_id": client.id, "client_secret": client.secret}
    return ProviderRequest("POST", f"{_API}/apps.uninstall", form=form, headers=bearer)


PROVIDER = Declaration(
    slug="slack",
    name="Slack",
    logo=_LOGO,
    authorize_url="https://slack.com/oauth/v2/authorize",
    token_url=f"{_API}/oauth.v2.access",
    scopes=("channels:read", "channels:history", "users:read"),
    scope_separator=",",
    client_auth=ClientAuth.BASIC,
    # An app that turns it on can never turn it off, and counts as a public client: its refresh tokens live for 30 days.
    pkce=False,
    is_token_answer=lambda status, answer: status == 200 and answer.get("ok") is True,
    read_tokens=_tokens,
    token_errors=TokenErrors(
        dead=(
            "invalid_code",
            "code_already_used",
            "bad_redirect_uri",
            "oauth_authorization_url_mismatch",
            "cannot_install_an_org_installed_app",
            "invalid_grant",
            "invalid_refresh_token",
            "token_revoked",
            "token_expired",
            "account_inactive",
        ),
        client=("invalid_client_id", "bad_client_secret", "invalid_client"),
    ),
    account_request=None,
    read_account=_account,
    revoke_request=_revocation,
    revokes_by_bearer=True,
    shares_grants=True,
    throttle_seconds=60,
    judge=_judge,
    listings=(
        Listing("channel", "channel", _channels, _read_channels),
        Listing("message", "message", _messages, _read_messages, under="channel", is_under=_is_entered),
        Listing("reply", "reply", _replies, _read_replies, under="message", is_under=_begins_thread),
        Listing("user", "user", _users, _read_users),
    ),
)
