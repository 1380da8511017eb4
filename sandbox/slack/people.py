"""Slack's users, its workspace, and what a token is worth."""

from typing import Any

from sandbox.core.records import FIRST_ADDED
from sandbox.slack.arguments import Arguments
from sandbox.slack.calls import TIER_2, TIER_3, TIER_4, Call, Method
from sandbox.slack.conversations import paged
from sandbox.slack.errors import SlackError
from sandbox.slack.records import BOT_USER_ID
from sandbox.slack.shapes import show_user
from sandbox.slack.tokens import APP_ID, check_client, token_type_of

BOT_ID = "B0SBX000001"


def list_users(call: Call) -> dict[str, Any]:
    page, cursor = paged(call, call.records("user"), "user", _limit(call.arguments))
    members = [show_user(record, call.account, with_email=_sees_email(call)) for record in page]
    return {"members": members, "cache_ts": int(call.world.now()), "response_metadata": {"next_cursor": cursor}}


def show_one(call: Call) -> dict[str, Any]:
    user = call.records("user").get(call.arguments.required("user"))
    if user is None or user.removed_at:
        raise SlackError("user_not_found")
    return {"user": show_user(user, call.account, with_email=_sees_email(call))}


def show_team(call: Call) -> dict[str, Any]:
    account = call.account
    domain = {"domain": account.slug, "email_domain": account.domain}
    return {"team": {"id": account.id, "name": account.title, "url": _url(call), **domain}}


def test_token(call: Call) -> dict[str, Any]:
    account, is_bot = call.account, token_type_of(call.access.grant) == "bot"
    user_id = BOT_USER_ID if is_bot else account.user_id
    user = call.records("user").get(user_id)
    return {
        "url": _url(call),
        "team": account.title,
        "user": user["name"] if user else user_id,
        "team_id": account.id,
        "user_id": user_id,
        **({"bot_id": BOT_ID} if is_bot else {}),
        "app_id": APP_ID,
        "is_enterprise_install": False,
        "expires_in": int(call.access.expires_at - call.world.now()),
    }


def revoke_token(call: Call) -> dict[str, Any]:
    """With token rotation this token alone; its grant lives on."""
    if call.arguments.flag("test"):
        return {"revoked": False}
    return {"revoked": call.world.grants.revoke_access_token(call.token)}


def uninstall(call: Call) -> dict[str, Any]:
    """All that anybody granted the app in this workspace."""
    check_client(call.world, call.arguments.text("client_id"), call.arguments.text("client_secret"))
    call.world.grants.revoke(call.account.slug)
    return {}


PEOPLE_METHODS = {
    "users.list": Method(list_users, ("users:read",), TIER_2),
    "users.info": Method(show_one, ("users:read",), TIER_4),
    "team.info": Method(show_team, ("team:read",), TIER_3),
    "auth.test": Method(test_token),
    "auth.revoke": Method(revoke_token),
    "apps.uninstall": Method(uninstall),
}


def _limit(arguments: Arguments) -> int:
    """Without one, or with 0, all of them."""
    return FIRST_ADDED if arguments.text("limit") in ("", "0") else arguments.limit(0)


def _sees_email(call: Call) -> bool:
    return "users:read.email" in call.scopes


def _url(call: Call) -> str:
    return f"https://{call.account.domain}/"
