"""The sandbox plays Slack's messages: history, threads and what changes in them, over a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import sandbox_in_thread
from tests.e2e.slack_client import ARCHIVED, FOREIGN, GENERAL, PRIVATE, Slack


@pytest.fixture(scope="module")
def running() -> Iterator[Slack]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Slack(sandbox)


@pytest.fixture
def slack(running: Slack) -> Slack:
    running.control("POST", "/reset")
    return running


class TestHistory:
    def test_it_is_newest_first_in_pages_of_the_asked_size(self, slack: Slack) -> None:
        pages = slack.pages("conversations.history", "messages", slack.token(), channel=GENERAL, limit=15)
        written = [message["ts"] for page in pages for message in page]
        assert [len(page) for page in pages] == [15, 15, 10]
        assert written == sorted(set(written), key=float, reverse=True)

    def test_a_message_has_slacks_shape(self, slack: Slack) -> None:
        said = slack.call("conversations.history", slack.token(), channel=GENERAL)
        newest = said["messages"][0]
        assert (said["has_more"], said["pin_count"], "response_metadata" in said) == (False, 0, False)
        assert newest.keys() == {"type", "user", "text", "ts", "team"}
        assert (newest["type"], newest["team"]) == ("message", "T0SBX000001")

    def test_every_message_is_in_a_channel_that_the_app_is_in(self, slack: Slack) -> None:
        messages = slack.messages(slack.token())
        joined = [message for message in messages if message.get("subtype")]
        assert len(messages) == 120
        assert len(slack.messages(slack.token("globex"))) == 4
        assert [message["subtype"] for message in joined] == ["channel_join"]

    def test_bounds_are_outside_unless_they_are_included(self, slack: Slack) -> None:
        token = slack.token()
        whole = [m["ts"] for m in slack.call("conversations.history", token, channel=GENERAL)["messages"]]
        latest, oldest = whole[3], whole[6]

        def between(**params: str) -> list[str]:
            said = slack.call("conversations.history", token, channel=GENERAL, **params)
            return [message["ts"] for message in said["messages"]]

        assert between(oldest=oldest, latest=latest) == whole[4:6]
        assert between(oldest=oldest, latest=latest, inclusive="true") == whole[3:7]
        assert between(oldest=oldest) == whole[:6]
        assert between(latest=latest) == whole[4:]
        assert between(oldest="9999999999") == []

    def test_a_cursor_keeps_its_place_while_messages_come_in(self, slack: Slack) -> None:
        token = slack.token()
        whole = [m["ts"] for m in slack.call("conversations.history", token, channel=GENERAL)["messages"]]
        first = slack.call("conversations.history", token, channel=GENERAL, limit=10)
        slack.change("message", upsert=[{"channel": GENERAL, "text": "new"}], delete=[f"{GENERAL}:{whole[10]}"])
        cursor = first["response_metadata"]["next_cursor"]
        second = slack.call("conversations.history", token, channel=GENERAL, cursor=cursor)
        assert [message["ts"] for message in second["messages"]] == whole[11:]

    @pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
    def test_only_members_read(self, slack: Slack, method: str) -> None:
        token = slack.token()
        for channel in (FOREIGN, ARCHIVED):
            assert slack.call(method, token, channel=channel, ts="1.000000")["error"] == "not_in_channel"
        assert slack.call(method, token, channel="D0", ts="1.000000")["error"] == "channel_not_found"


class TestReplies:
    def parent(self, slack: Slack, token: str, channel: str = GENERAL) -> dict[str, Any]:
        said = slack.call("conversations.history", token, channel=channel)
        return next(message for message in said["messages"] if "reply_count" in message)

    def test_six_messages_tell_of_their_replies(self, slack: Slack) -> None:
        parents = [message for message in slack.messages(slack.token()) if "reply_count" in message]
        assert [parent["reply_count"] for parent in parents] == [4] * 6
        for parent in parents:
            assert parent["thread_ts"] == parent["ts"]
            assert float(parent["latest_reply"]) > float(parent["ts"])
            assert parent["reply_users_count"] == len(parent["reply_users"])

    def test_a_thread_is_its_parent_and_then_its_replies_oldest_first(self, slack: Slack) -> None:
        token = slack.token()
        parent = self.parent(slack, token)
        first, *replies = slack.call("conversations.replies", token, channel=GENERAL, ts=parent["ts"])["messages"]
        assert first == parent
        assert [reply["ts"] for reply in replies] == sorted((reply["ts"] for reply in replies), key=float)
        assert replies[-1]["ts"] == parent["latest_reply"]
        assert {(r["thread_ts"], r["parent_user_id"]) for r in replies} == {(parent["ts"], parent["user"])}
        assert {reply["user"] for reply in replies} == set(parent["reply_users"])

    def test_it_comes_in_pages(self, slack: Slack) -> None:
        token = slack.token()
        parent = self.parent(slack, token)
        place: dict[str, str | int] = {"channel": GENERAL, "ts": parent["ts"]}
        whole = slack.call("conversations.replies", token, **place)["messages"]
        pages = slack.pages("conversations.replies", "messages", token, **place, limit=2)
        bounded = slack.call("conversations.replies", token, **place, oldest=whole[2]["ts"])["messages"]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert [message for page in pages for message in page] == whole
        assert bounded == [whole[0], *whole[3:]]

    def test_a_message_without_replies_is_alone_in_its_thread(self, slack: Slack) -> None:
        token = slack.token()
        newest = slack.call("conversations.history", token, channel=GENERAL)["messages"][0]
        reply = self.parent(slack, token)["latest_reply"]
        for ts in (newest["ts"], reply):
            said = slack.call("conversations.replies", token, channel=GENERAL, ts=ts)
            assert [message["ts"] for message in said["messages"]] == [ts]

    @pytest.mark.parametrize("ts", ["1.000000", "x", "9" * 40])
    def test_an_unknown_thread_is_not_found(self, slack: Slack, ts: str) -> None:
        said = slack.call("conversations.replies", slack.token(), channel=GENERAL, ts=ts)
        assert said == {"ok": False, "error": "thread_not_found"}


class TestChanges:
    def test_a_changed_channel_is_changed_now_and_keeps_the_rest(self, slack: Slack) -> None:
        token = slack.token()
        before = slack.call("conversations.info", token, channel=GENERAL)["channel"]
        slack.change("channel", upsert=[{"id": GENERAL, "topic": {"value": "Changed"}}])
        after = slack.call("conversations.info", token, channel=GENERAL)["channel"]
        assert after["topic"]["value"] == "Changed"
        assert after["updated"] > before["updated"]
        assert {**before, "topic": "", "updated": 0} == {**after, "topic": "", "updated": 0}

    def test_a_new_message_is_the_newest_of_its_channel_alone(self, slack: Slack) -> None:
        token = slack.token()
        changed = slack.change("message", upsert=[{"channel": PRIVATE, "text": "a"}, {"channel": PRIVATE, "text": "b"}])
        newest = slack.call("conversations.history", token, channel=PRIVATE, limit=2)["messages"]
        assert [message["text"] for message in newest] == ["b", "a"]
        assert changed["upserted"] == [f"{PRIVATE}:{message['ts']}" for message in reversed(newest)]
        assert not any("edited" in message for message in newest)
        assert len(slack.messages(token)) == 122

    def test_a_changed_message_is_edited(self, slack: Slack) -> None:
        token = slack.token()
        old = slack.call("conversations.history", token, channel=GENERAL)["messages"][0]
        slack.change("message", upsert=[{"channel": GENERAL, "ts": old["ts"], "text": "changed"}])
        new = slack.call("conversations.history", token, channel=GENERAL)["messages"][0]
        assert float(new.pop("edited")["ts"]) > float(old["ts"])
        assert new == {**old, "text": "changed"}

    def test_a_new_reply_shows_in_its_thread_and_makes_its_count_grow(self, slack: Slack) -> None:
        token = slack.token()
        message = slack.call("conversations.history", token, channel=GENERAL)["messages"][0]
        reply = {"channel": GENERAL, "thread_ts": message["ts"], "text": "well", "user": "U0SBX000009"}
        [reply_id] = slack.change("reply", upsert=[reply])["upserted"]
        parent, shown = slack.call("conversations.replies", token, channel=GENERAL, ts=message["ts"])["messages"]
        assert (parent["reply_count"], parent["reply_users"]) == (1, ["U0SBX000009"])
        assert (shown["text"], f"{GENERAL}:{shown['ts']}") == ("well", reply_id)
        assert parent["latest_reply"] == shown["ts"]
        slack.change("reply", delete=[reply_id])
        assert slack.call("conversations.history", token, channel=GENERAL)["messages"][0] == message

    def test_deleted_ones_are_gone(self, slack: Slack) -> None:
        token = slack.token()
        newest = slack.call("conversations.history", token, channel=GENERAL)["messages"][0]
        message_id = f"{GENERAL}:{newest['ts']}"
        assert slack.change("message", delete=[message_id, "x"])["deleted"] == [message_id]
        assert slack.call("conversations.replies", token, channel=GENERAL, ts=newest["ts"])["ok"] is False
        slack.change("channel", delete=[GENERAL])
        slack.change("user", delete=["U0SBX000009"])
        assert slack.call("conversations.history", token, channel=GENERAL)["error"] == "channel_not_found"
        assert slack.call("users.info", token, user="U0SBX000009")["error"] == "user_not_found"

    def test_what_changes_in_one_account_does_not_in_the_other(self, slack: Slack) -> None:
        slack.change("channel", "globex", upsert=[{"id": GENERAL, "name": "theirs"}])
        assert slack.call("conversations.info", slack.token(), channel=GENERAL)["channel"]["name"] == "general"

    def test_what_is_shown_can_be_sent_back(self, slack: Slack) -> None:
        token = slack.token()
        channel = slack.call("conversations.info", token, channel=PRIVATE)["channel"]
        user = slack.call("users.info", token, user="U0SBX000001")["user"]
        message = TestReplies().parent(slack, token)
        slack.change("channel", upsert=[channel])
        slack.change("user", upsert=[user])
        slack.change("message", upsert=[{**message, "channel": GENERAL}])
        again = slack.call("conversations.info", token, channel=PRIVATE)["channel"]
        assert {**again, "updated": 0} == {**channel, "updated": 0}
        assert slack.call("users.info", token, user="U0SBX000001")["user"]["profile"] == user["profile"]
        assert TestReplies().parent(slack, token)["reply_count"] == 4

    def test_counts_can_be_turned(self, slack: Slack) -> None:
        assert slack.control("GET")["records"] == {"channel": 5, "message": 120, "reply": 24, "user": 10}
        slack.control("PATCH", body={"records": {"messages": 30, "channel": 9}})
        token = slack.token()
        assert len(slack.messages(token)) == 30
        assert len(slack.call("conversations.list", token)["channels"]) == 7

    def test_a_bad_record_is_refused_and_says_what_is_allowed(self, slack: Slack) -> None:
        body = {"account": "acme", "kind": "message", "upsert": [{"channel": GENERAL, "body": "x"}]}
        answer = slack.sandbox.http.post(f"{slack.sandbox.url}/_control/slack/records", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, "upsert[0]")
        assert "unknown field body; a message has channel, user, text" in answer.json()["detail"]
