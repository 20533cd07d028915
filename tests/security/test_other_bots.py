"""Other robots order nothing and stop nothing: neither by words, nor by signs that many leave everywhere."""

from typing import Any, cast

import pytest

from tests.adapters.slack.inbound_harness import Recorder
from threadwork.adapters.chat.background import Work
from threadwork.adapters.discord.inbound import events as discord_events
from threadwork.adapters.discord.inbound.context import Context as DiscordContext
from threadwork.adapters.discord.inbound.payload import Payload as DiscordPayload
from threadwork.adapters.discord.inbound.payload import Place
from threadwork.adapters.slack.api.membership_kind import Facts
from threadwork.adapters.slack.inbound import events as slack_events
from threadwork.adapters.slack.inbound.context import Context as SlackContext
from threadwork.adapters.slack.inbound.payload import Payload as SlackPayload
from threadwork.adapters.slack.inbound.people import Known
from threadwork.workflows.errors import ChatUnavailable

Json = dict[str, Any]


# --- Slack ---------------------------------------------------------------------------------------------


class SlackPeople:
    async def who(self, token: str, user_id: str) -> Known:
        return Known(user_id, Facts("T1", frozenset({"T1"})), user_id.startswith("UBOT"))

    sure = who

    async def name(self, token: str, user_id: str) -> str:
        return user_id

    async def names(self, token: str, user_ids: tuple[str, ...]) -> dict[str, str]:
        return {user: user for user in user_ids}


class NoWeb:
    async def call(self, *_: Any, **__: Any) -> Json:
        raise ChatUnavailable("Slack does not answer.")


async def no_matter(_: Any) -> None:
    """Nobody takes the app away."""


async def heard_on_slack(event: Json) -> list[str]:
    listener, web = Recorder(), cast(Any, NoWeb())
    desk = SlackContext(listener, listener, web, cast(Any, SlackPeople()), Work(), lambda *_: "", no_matter)
    body = {"event_id": "Ev1", "event": {"channel": "C1", "ts": "1.1", "event_ts": "1.1", **event}}
    payload = SlackPayload(body=body, team="T1", bot_user="UBOT1", token="xoxb")
    await slack_events.EVENTS[event["type"]](desk, payload)
    await desk.work.close()
    return [one.what for one in listener.heard.values()]


MENTION = {"type": "app_mention", "user": "U1", "text": "<@UBOT1> tidy up"}
REPLY = {"type": "message", "user": "U1", "text": "stop", "thread_ts": "1.0", "channel_type": "channel"}
DIRECT = {"type": "message", "user": "U1", "text": "tidy up", "channel": "D1", "channel_type": "im"}
SIGN = {
    "type": "reaction_added",
    "user": "U1",
    "reaction": "x",
    "item": {"type": "message", "channel": "C1", "ts": "1.0"},
}
BUTTON = {"type": "agent_session_stopped", "user": "U1", "thread_ts": "1.0"}
EDIT = {
    "type": "message",
    "subtype": "message_changed",
    "message": {"user": "U1", "ts": "1.1", "text": "new", "thread_ts": "1.0"},
    "previous_message": {"user": "U1", "ts": "1.1", "text": "old", "thread_ts": "1.0"},
}


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (MENTION, "said"),
        (REPLY, "said"),
        (DIRECT, "said"),
        (SIGN, "stopped"),
        (BUTTON, "stopped"),
        (EDIT, "amended"),
    ],
)
async def test_a_person_is_heard_on_slack(event: Json, what: str) -> None:
    assert await heard_on_slack(event) == [what]


# PostHog/posthog#60193 (fields of robots, USLACKBOT), Chainlit/chainlit#2844 (a workflow has no `user`),
# slack-go/slack#727 (`bot_id` in app_mention), databuddy-analytics/Databuddy#827 (`bot_profile`).
ROBOTS: dict[str, Json] = {
    "Slackbot": {"user": "USLACKBOT"},
    "the bot itself": {"user": "UBOT1"},
    "an app": {"user": "UBOT2", "bot_id": "B2"},
    "an app by its profile": {"user": "UBOT2", "bot_profile": {"id": "B2", "app_id": "A2"}},
    "an app by its id": {"app_id": "A2"},
    "a workflow": {"user": None, "bot_id": "B3", "subtype": "bot_message", "username": "Daily"},
    "an old integration": {"subtype": "bot_message"},
    "nobody": {"user": None},
}


@pytest.mark.parametrize("robot", ROBOTS.values(), ids=ROBOTS)
@pytest.mark.parametrize("event", [MENTION, REPLY, DIRECT], ids=["mention", "reply", "direct"])
async def test_a_robot_orders_nothing_on_slack(event: Json, robot: Json) -> None:
    assert await heard_on_slack({**event, **robot}) == []


@pytest.mark.parametrize("user", ["USLACKBOT", "UBOT1", "UBOT2", None])
@pytest.mark.parametrize("event", [SIGN, BUTTON], ids=["reaction", "button"])
async def test_a_robot_stops_nothing_on_slack(event: Json, user: str | None) -> None:
    assert await heard_on_slack({**event, "user": user}) == []


@pytest.mark.parametrize("robot", ROBOTS.values(), ids=ROBOTS)
async def test_an_edit_of_a_robot_changes_nothing_on_slack(robot: Json) -> None:
    now = {**EDIT["message"], **robot}  # type: ignore[dict-item]
    assert await heard_on_slack({**EDIT, "message": now}) == []


# --- Discord -------------------------------------------------------------------------------------------


class Channels:
    async def place(self, channel: str, guild: str) -> Place:
        return Place(guild=guild, channel=channel)

    def name(self, channel: str) -> str:
        return channel


class Users:
    """What Discord says of a user's id."""

    async def call(self, method: str, path: str, *_: Any, **__: Any) -> Json:
        id_ = path.rpartition("/")[2]
        return {"id": id_, "username": "carl", "bot": id_ == "800"}


async def heard_on_discord(kind: str, body: Json) -> list[str]:
    listener = Recorder()
    listener.answer = None
    desk = DiscordContext(listener, listener, cast(Any, Users()), Work(), cast(Any, Channels()), cast(Any, None))
    payload = DiscordPayload(body={"id": "1001", "channel_id": "101", **body}, bot_user="900")
    await discord_events.deliver(desk, kind, payload)
    await desk.work.close()
    return [one.what for one in listener.heard.values()]


ON_SERVER = {"guild_id": "500", "message_id": "77", "emoji": {"name": "❌"}, "user_id": "201"}
ALONE = {"message_id": "77", "emoji": {"name": "🛑"}, "user_id": "201"}
SAYS = {
    "guild_id": "500",
    "type": 0,
    "content": "<@900> tidy up",
    "mentions": [{"id": "900", "username": "threadwork"}],
    "author": {"id": "201", "username": "ann"},
}
EDITS = {**SAYS, "edited_timestamp": "2026-01-01T00:00:00+00:00"}


def of(user: Json) -> Json:
    """A sign on a server comes with whoever left it."""
    return {**ON_SERVER, "user_id": user["id"], "member": {"user": user}}


@pytest.mark.parametrize(
    ("kind", "body", "what"),
    [
        ("MESSAGE_REACTION_ADD", of({"id": "201", "username": "ann"}), "stopped"),
        ("MESSAGE_REACTION_ADD", of({"id": "201", "username": "ann", "bot": False}), "stopped"),
        ("MESSAGE_REACTION_ADD", ALONE, "stopped"),
        ("MESSAGE_CREATE", SAYS, "said"),
        ("MESSAGE_UPDATE", EDITS, "amended"),
    ],
)
async def test_a_person_is_heard_on_discord(kind: str, body: Json, what: str) -> None:
    assert await heard_on_discord(kind, body) == [what]


# letta-ai/lettabot#508, Tupperbox/TupperboxLegacy#85 (bots that react to every message), discord/discord-api-docs#1035
# (the member in a reaction's event; `bot` is left out for people).
@pytest.mark.parametrize(
    "body",
    [
        of({"id": "800", "username": "carl", "bot": True}),
        of({"id": "900", "username": "threadwork", "bot": True}),
        of({"id": "643945264868098049", "username": "discord", "system": True}),
        {**ALONE, "user_id": "800"},
        {**ALONE, "user_id": "900"},
    ],
)
async def test_a_reaction_of_a_robot_stops_nothing_on_discord(body: Json) -> None:
    assert await heard_on_discord("MESSAGE_REACTION_ADD", body) == []


@pytest.mark.parametrize(
    "robot",
    [
        {"author": {"id": "800", "username": "carl", "bot": True}},
        {"author": {"id": "900", "username": "threadwork", "bot": True}},
        {"author": {"id": "55", "username": "hook"}, "webhook_id": "55"},
        {"author": {"id": "55", "username": "discord", "system": True}},
        {"author": {}},
        {"type": 6},  # somebody pinned a message
        {"type": 7},  # somebody joined
        {"type": 20},  # an answer to a command
        {"type": 24},  # automatic moderation
    ],
)
async def test_what_no_person_wrote_orders_nothing_on_discord(robot: Json) -> None:
    assert await heard_on_discord("MESSAGE_CREATE", {**SAYS, **robot}) == []
    if "type" not in robot:
        assert await heard_on_discord("MESSAGE_UPDATE", {**EDITS, **robot}) == []
