"""Which of several installations a delivery is about: that of the task, else of the bot that was called or posted."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from slack_bolt.authorization import AuthorizeResult

from tests.adapters.slack.listening import Recorder
from threadwork.adapters.slack.inbound.homes import Homes
from threadwork.adapters.slack.inbound.payload import Payload
from threadwork.workflows.sinks import Sink

Json = dict[str, Any]
BOTS = {"UBOT1": ["T1"], "UBOT2": ["T2"], "UBOT3": ["T3", "T4"]}  # one app of an organisation may be one user


class Tasks(Recorder):
    """A task of T1 in the thread 1.0 of C61."""

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        return "T1" if (sink.channel, sink.thread) == ("C61", "1.0") and "T1" in among else ""


async def bots() -> dict[str, list[str]]:
    return BOTS


async def identity(team: str | None) -> AuthorizeResult | None:
    user = next(bot for bot, teams in BOTS.items() if team in teams)
    return AuthorizeResult(enterprise_id=None, team_id=team, bot_user_id=user, bot_token=f"xoxb-{team}")


async def home(body: Json, team: str) -> Payload:
    bot = next(bot for bot, teams in BOTS.items() if team in teams)
    delivered = Payload(body=body, team=team, bot_user=bot, token=f"xoxb-{team}")
    return await Homes(bots, identity).of(delivered, Tasks())


def said(text: str, **more: Any) -> Json:
    return {"is_ext_shared_channel": True, "event": {"type": "message", "channel": "C61", "text": text, **more}}


def signed(ts: str, author: str) -> Json:
    item = {"type": "message", "channel": "C61", "ts": ts}
    return {"is_ext_shared_channel": True, "event": {"type": "reaction_added", "item": item, "item_user": author}}


def pressed(ts: str, author: str = "", thread: str = "") -> Json:
    """An ephemeral message is not told of, its thread may be."""
    container = {"type": "message", "message_ts": ts, "channel_id": "C61", **({"thread_ts": thread} if thread else {})}
    message = {"message": {"user": author, "ts": ts}} if author else {}
    return {"type": "block_actions", "channel": {"id": "C61"}, "container": container, **message}


def window(origin: Json) -> Json:
    packed = json.dumps({"press": "", "origin": json.dumps(origin)})
    return {"type": "view_submission", "user": {"id": "U1"}, "view": {"type": "modal", "private_metadata": packed}}


DELETED = {"type": "message", "subtype": "message_deleted", "channel": "C61", "previous_message": {"thread_ts": "1.0"}}


@pytest.mark.parametrize("team", ["T1", "T2"])
@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (said("<@UBOT1> tidy up"), "T1"),
        (said("<@UBOT2|threadwork> tidy up"), "T2"),
        (said("<@UBOT2> <@UBOT1> tidy up"), "T2"),
        (said("<@U1> asks <@UBOT1>"), "T1"),
        (said("<@UBOT2> stop", thread_ts="1.0"), "T1"),
        (said("stop", thread_ts="1.0"), "T1"),
        (said("stop", thread_ts="2.0", parent_user_id="UBOT2"), "T2"),
        ({"event": DELETED}, "T1"),
        (signed("1.0", "U1"), "T1"),
        (signed("2.0", "UBOT2"), "T2"),
        (pressed("1.5", thread="1.0"), "T1"),
        (pressed("2.5", author="UBOT2"), "T2"),
        (pressed("1.0", author="UBOT1"), "T1"),
        (window({"channel": "C61", "thread": "1.0"}), "T1"),
    ],
)
async def test_whoever_was_told_the_installation_is_the_one_that_is_meant(body: Json, meant: str, team: str) -> None:
    found = await home(body, team)
    assert (found.team, found.bot_user, found.token) == (meant, f"UBOT{meant[1]}", f"xoxb-{meant}")
    assert found.ours == set(BOTS)


@pytest.mark.parametrize("team", ["T1", "T2"])
@pytest.mark.parametrize(
    "body",
    [
        said("good morning"),
        said("<@UBOT2> and <@UBOT1>", channel="D1"),
        {"command": "/agent", "text": "<@UBOT1>", "channel_id": "C61", "user_id": "U1"},
        {"event": {"type": "app_home_opened", "user": "U1", "channel": "D1"}},
        {"event": {"type": "app_uninstalled"}},
        window({}),
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"type": "modal", "private_metadata": "{"}},
    ],
)
async def test_what_says_nothing_of_it_stays_with_whom_it_was_delivered_to(body: Json, team: str) -> None:
    assert (await home(body, team)).team == team


async def test_one_bot_user_of_several_workspaces_stays_where_it_was_called() -> None:
    assert [(await home(said("<@UBOT3> tidy up"), team)).team for team in ("T3", "T4")] == ["T3", "T4"]


async def test_a_bot_that_is_only_named_takes_nothing_from_the_one_that_is_there() -> None:
    body = {"event": said("<@UBOT1> is away, <@UBOT2> tidy up")["event"]}
    assert (await home(body, "T2")).team == "T2"


async def test_of_one_installation_alone_nothing_is_asked() -> None:
    async def alone() -> dict[str, list[str]]:
        return {"UBOT1": ["T1"]}

    delivered = Payload(body=said("stop", thread_ts="1.0"), team="T1", bot_user="UBOT1")
    assert await Homes(alone).of(delivered, Recorder()) is delivered
