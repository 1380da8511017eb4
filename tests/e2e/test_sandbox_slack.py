"""The sandbox plays Slack's Web API: channels, people and its published client, over a real socket."""

from base64 import b64encode
from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import sandbox_in_thread
from tests.e2e.slack_client import ARCHIVED, BOTH_TYPES, FOREIGN, GENERAL, PRIVATE, SCOPES, Slack


@pytest.fixture(scope="module")
def running() -> Iterator[Slack]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Slack(sandbox)


@pytest.fixture
def slack(running: Slack) -> Slack:
    running.control("POST", "/reset")
    return running


class TestChannels:
    def test_a_channel_has_slacks_shape(self, slack: Slack) -> None:
        first = slack.call("conversations.list", slack.token())["channels"][0]
        assert (first["id"], first["name"], first["is_general"]) == (GENERAL, "general", True)
        assert first.keys() == {
            "id", "name", "is_channel", "is_group", "is_im", "is_mpim", "is_private", "created", "creator",
            "is_archived", "is_general", "name_normalized", "is_shared", "is_ext_shared", "is_org_shared",
            "is_member", "updated", "topic", "purpose", "previous_names", "num_members",
        }  # fmt: skip
        assert first["updated"] >= first["created"] * 1000 > 1_700_000_000_000

    def test_public_channels_are_listed_unless_others_are_asked_for(self, slack: Slack) -> None:
        token = slack.token()
        public = slack.call("conversations.list", token)
        both = slack.call("conversations.list", token, types=BOTH_TYPES)["channels"]
        private = slack.call("conversations.list", token, types="private_channel,im,mpim")
        assert len(public["channels"]) == 4
        assert public["response_metadata"] == {"next_cursor": ""}
        assert [channel["is_private"] for channel in both] == [False, False, True, False, False]
        assert [channel["is_member"] for channel in both] == [True, True, True, False, False]
        assert private["error"] == "missing_scope"

    def test_archived_channels_can_be_left_out(self, slack: Slack) -> None:
        token = slack.token()
        assert ARCHIVED in {c["id"] for c in slack.call("conversations.list", token)["channels"]}
        for flag in ("true", "1", "True"):
            shown = slack.call("conversations.list", token, exclude_archived=flag)["channels"]
            assert ARCHIVED not in {channel["id"] for channel in shown}

    def test_a_page_may_be_empty_and_not_the_last(self, slack: Slack) -> None:
        pages = slack.pages("conversations.list", "channels", slack.token(), limit=1)
        assert [len(page) for page in pages] == [1, 1, 0, 1, 1]

    def test_a_cursor_says_what_comes_next(self, slack: Slack) -> None:
        said = slack.call("conversations.list", slack.token(), limit=2)
        assert said["response_metadata"]["next_cursor"] == b64encode(f"team:{PRIVATE}".encode()).decode()
        assert said["response_metadata"]["next_cursor"].endswith("=")

    def test_deletions_between_two_pages_hide_nothing(self, slack: Slack) -> None:
        token = slack.token()
        first = slack.call("conversations.list", token, limit=2, types=BOTH_TYPES)
        slack.change("channel", delete=[GENERAL, PRIVATE])
        cursor = first["response_metadata"]["next_cursor"]
        second = slack.call("conversations.list", token, cursor=cursor, types=BOTH_TYPES)
        assert [channel["id"] for channel in second["channels"]] == [ARCHIVED, FOREIGN]

    def test_private_channels_need_a_scope_of_their_own(self, slack: Slack) -> None:
        token = slack.token(scope="channels:read,channels:history")
        missing = {"ok": False, "error": "missing_scope", "provided": "channels:read,channels:history"}
        assert slack.call("conversations.list", token, types=BOTH_TYPES) == {**missing, "needed": "groups:read"}
        assert slack.call("conversations.info", token, channel=PRIVATE) == {**missing, "needed": "groups:read"}
        history = slack.call("conversations.history", token, channel=PRIVATE)
        assert history == {**missing, "needed": "groups:history"}

    def test_one_is_shown_by_id(self, slack: Slack) -> None:
        token = slack.token()
        assert slack.call("conversations.info", token, channel=FOREIGN)["channel"]["id"] == FOREIGN
        assert slack.call("conversations.info", token, channel="C0SBX000006")["error"] == "channel_not_found"
        assert slack.call("conversations.info", token)["error"] == "invalid_arguments"

    def test_a_private_channel_is_no_business_of_who_is_not_in_it(self, slack: Slack) -> None:
        slack.change("channel", upsert=[{"id": PRIVATE, "is_member": False}])
        token = slack.token()
        assert slack.call("conversations.info", token, channel=PRIVATE)["error"] == "channel_not_found"
        shown = slack.call("conversations.list", token, types=BOTH_TYPES)["channels"]
        assert PRIVATE not in {channel["id"] for channel in shown}

    def test_globex_has_two(self, slack: Slack) -> None:
        channels = slack.call("conversations.list", slack.token("globex"), types=BOTH_TYPES)["channels"]
        assert [channel["is_member"] for channel in channels] == [True, True]


class TestPeople:
    def test_all_are_listed_and_may_be_paged(self, slack: Slack) -> None:
        token = slack.token()
        whole = slack.call("users.list", token)
        pages = slack.pages("users.list", "members", token, limit=4)
        assert [len(page) for page in pages] == [4, 4, 2]
        assert [user for page in pages for user in page] == whole["members"]
        assert [user["id"] for user in whole["members"] if user["is_bot"]] == ["U0SBX000002"]
        assert [user["id"] for user in whole["members"] if user["deleted"]] == ["U0SBX000006"]
        assert len(slack.call("users.list", slack.token("globex"))["members"]) == 3

    def test_an_address_needs_a_scope_of_its_own(self, slack: Slack) -> None:
        with_email = slack.call("users.info", slack.token(), user="U0SBX000001")["user"]
        without = slack.call("users.info", slack.token("globex", "users:read"), user="U0SBX000001")["user"]
        assert "@example." in with_email["profile"]["email"]
        assert "email" not in without["profile"]
        assert (with_email["team_id"], without["team_id"]) == ("T0SBX000001", "T0SBX000002")

    def test_an_unknown_user_is_not_found(self, slack: Slack) -> None:
        assert slack.call("users.info", slack.token(), user="U0")["error"] == "user_not_found"

    def test_who_wrote_is_somebody_who_can_be_asked_for(self, slack: Slack) -> None:
        token = slack.token("globex")
        authors = {message["user"] for message in slack.messages(token)}
        assert all(slack.call("users.info", token, user=author)["ok"] for author in authors)

    def test_the_token_and_the_workspace_tell_who_they_are(self, slack: Slack) -> None:
        token = slack.token("globex")
        tested, team = slack.call("auth.test", token), slack.call("team.info", token)["team"]
        assert (tested["team_id"], tested["user_id"]) == ("T0SBX000002", "U0SBX000002")
        assert (tested["team"], tested["user"], tested["is_enterprise_install"]) == ("Globex", "sandbox_app", False)
        assert 43_100 < tested["expires_in"] <= 43_200
        assert (team["id"], team["name"], team["domain"]) == ("T0SBX000002", "Globex", "globex")


class TestPublishedClient:
    """slack_sdk, unchanged."""

    def test_it_lists_pages_and_reads_threads(self, slack: Slack) -> None:
        web = slack.web(slack.token())
        pages = list(web.conversations_list(types=["public_channel", "private_channel"], limit=2))
        history = [page["messages"] for page in web.conversations_history(channel=GENERAL, limit=30)]
        parent = next(message for messages in history for message in messages if "reply_count" in message)
        replies = web.conversations_replies(channel=GENERAL, ts=parent["ts"], limit=10)
        assert len(pages) == 3
        assert [len(messages) for messages in history] == [30, 10]
        assert len(replies["messages"]) == parent["reply_count"] + 1

    def test_it_reads_people_and_itself(self, slack: Slack) -> None:
        web = slack.web(slack.token())
        assert sum(len(page["members"]) for page in web.users_list(limit=3)) == 10
        assert web.users_info(user="U0SBX000001")["user"]["id"] == "U0SBX000001"
        assert web.conversations_info(channel=PRIVATE)["channel"]["is_private"]
        assert web.team_info()["team"]["name"] == "Acme"
        assert web.auth_test().headers["x-oauth-scopes"] == SCOPES

    def test_it_raises_what_slack_would_make_it_raise(self, slack: Slack) -> None:
        with pytest.raises(SlackApiError) as refused:
            slack.web(slack.token()).conversations_history(channel=FOREIGN)
        assert refused.value.response["error"] == "not_in_channel"
        with pytest.raises(SlackApiError) as unknown:
            slack.web("unknown").conversations_list()
        assert unknown.value.response["error"] == "invalid_auth"

    def test_it_is_told_when_to_come_back(self, slack: Slack) -> None:
        web = slack.web(slack.token())
        for _ in range(20):
            web.users_list(limit=1)
        with pytest.raises(SlackApiError) as limited:
            web.users_list(limit=1)
        assert (limited.value.response.status_code, limited.value.response["error"]) == (429, "ratelimited")
        assert limited.value.response.headers["retry-after"] == "60"
