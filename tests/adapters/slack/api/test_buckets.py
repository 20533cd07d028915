"""How fast Slack is called."""

from typing import Any

import pytest

from tests.adapters.slack.outbound_harness import ROOM, THREAD
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat

pytest_plugins = ["tests.fake_slack.fixture"]


@pytest.mark.parametrize("method", ["post", "edit", "delete", "find"])
def test_no_minute_has_more_calls_than_slack_allows(method: Any) -> None:
    allowed = {"post": (240, 64), "edit": (50,), "delete": (50,), "find": (50,)}
    chat = SlackChat(Clients(one_token("x")))
    limits = {bucket.per_minute + bucket.burst for bucket in chat.buckets(THREAD, method)}
    assert limits == set(allowed[method])


def test_buckets_are_shared_by_method_and_by_channel() -> None:
    chat = SlackChat(Clients(one_token("x")), look_ups=1)
    assert {bucket.key for bucket in chat.buckets(ROOM, "post")} == {"slack:T1:C1", "slack:T1:chat.postMessage"}
    assert [bucket.key for bucket in chat.buckets(ROOM, "edit")] == ["slack:T1:chat.update"]
    assert [bucket.key for bucket in chat.buckets(THREAD, "find")] == ["slack:T1:conversations.replies"]
    (history,) = chat.buckets(ROOM, "find")
    assert (history.key, history.per_minute, history.burst) == ("slack:T1:conversations.history", 1, 1)
