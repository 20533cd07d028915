"""Payloads of Slack and Discord in which anything may be other than it should: none is an error of ours."""

import asyncio
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from tests.adapters.slack.listening import Recorder
from tests.security.fuzzing import mutated
from threadwork.adapters.chat.background import Work
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.discord.inbound import context as discord_context
from threadwork.adapters.discord.inbound.channels import Channels
from threadwork.adapters.discord.inbound.context import Context as DiscordContext
from threadwork.adapters.discord.inbound.events import deliver
from threadwork.adapters.discord.inbound.history import History, Unshared
from threadwork.adapters.discord.inbound.payload import Payload as DiscordPayload
from threadwork.adapters.slack.inbound.app import slack_app
from threadwork.adapters.slack.inbound.context import Context as SlackContext
from threadwork.adapters.slack.inbound.homes import Homes
from threadwork.adapters.slack.inbound.people import People
from threadwork.workflows.buttons import Press

SAMPLES = Path(__file__).parents[1] / "contracts" / "slack" / "samples"
PRESS = Press(verb="approve", task_id="t1", about="1", detail="d1").encode()
EDIT = Press(verb="edit", task_id="t1", about="1", detail="d1").encode()


class Silent:
    """A platform that takes everything and says nothing."""

    url = "https://slack.invalid/api/"

    async def call(self, *words: Any, **more: Any) -> dict[str, Any]:
        return {}

    read = get = call

    def __getattr__(self, name: str) -> Any:
        return self.call


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


# What is logged where something was lost that should not have been.
MISTAKES = {"slack_payload_failed", "slack_answer_failed", "discord_interaction_not_answered"}


# --- Slack -------------------------------------------------------------------------------------------


def slack_samples() -> dict[str, Any]:
    """Slack's own, and what comes of buttons and windows of ours."""
    found = {path.stem: json.loads(path.read_text()) for path in sorted(SAMPLES.glob("*.json"))}
    user, team = {"id": "U1", "username": "ann", "team_id": "T1"}, {"id": "T1", "domain": "d"}
    click = {"type": "block_actions", "team": team, "user": user, "trigger_id": "1.2", "channel": {"id": "C1"}}
    click |= {"message": {"ts": "1.1", "thread_ts": "1.0"}, "container": {"type": "message", "channel_id": "C1"}}
    window = {"type": "view_submission", "team": team, "user": user, "trigger_id": "1.2"}
    value = {"b": {"b": {"type": "plain_text_input", "value": "typed"}}}
    view = {"id": "V1", "type": "modal", "state": {"values": value}}
    packed = json.dumps({"press": EDIT, "origin": '{"channel": "C1"}'})
    found["press"] = click | {"actions": [{"type": "button", "action_id": "press:1", "value": PRESS}]}
    found["opens"] = click | {"actions": [{"type": "button", "action_id": "press:1", "value": EDIT}]}
    found["start"] = window | {"view": view | {"callback_id": "start", "private_metadata": "{}"}}
    found["form"] = window | {"view": view | {"callback_id": "form:edit", "private_metadata": packed}}
    event = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "text": "hi",
        "ts": "1.1",
        "thread_ts": "1.0",
        "team": "T1",
    }
    outer = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "authorizations": [{"user_id": "U9"}]}
    found["reply"] = outer | {
        "event": event | {"files": [{"id": "F1", "name": "a.txt", "mimetype": "text/plain", "size": 3}]}
    }
    found["mention"] = outer | {"event": event | {"type": "app_mention", "text": "<@U9> do it"}}
    found["stop"] = outer | {
        "event": {
            "type": "reaction_added",
            "user": "U1",
            "reaction": "x",
            "item": {"type": "message", "channel": "C1", "ts": "1.1"},
        }
    }
    found["changed"] = outer | {
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "channel": "C1",
            "ts": "1.3",
            "message": event,
            "previous_message": event | {"text": "ho"},
        }
    }
    return found


SLACK = slack_samples()


async def authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B9", bot_user_id="U9")


async def two_installations() -> dict[str, list[str]]:
    return {"U9": ["T1"], "U8": ["T2"]}


async def other(team: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=team, bot_token="xoxb-2", bot_id="B8", bot_user_id="U8")


async def slack(body: Any, listener: Recorder | None = None) -> list[str]:
    work = Work()
    web: Any = Silent()

    async def nobody(_: str) -> None:
        return None

    link, homes = (lambda sink, message: ""), Homes(two_installations, other)
    heard = listener or Recorder()
    desk = SlackContext(heard, heard, web, People(web), work, link, nobody, homes=homes)
    app = slack_app(desk, authorize, "secret", Tally("slack_requests_refused"))  # type: ignore[arg-type]
    with structlog.testing.capture_logs() as logs:
        try:
            answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        except LEFT_TO_THE_TRANSPORT as error:
            answer = _only_of_bolt(error)
        finally:
            await work.close(5)
    failed = ["answered 500"] if answer.status == 500 else []
    return [*failed, *(line["event"] for line in logs if line["event"] in MISTAKES)]


LEFT_TO_THE_TRANSPORT = (LookupError, TypeError, AttributeError, ValueError)


def _only_of_bolt(error: Exception) -> BoltResponse:
    """Bolt reads a payload before any listener of ours does, and stumbles over some; what we raise is a finding."""
    files = [Path(frame.filename).parts for frame in traceback.extract_tb(error.__traceback__)]
    if any("adapters" in parts for parts in files):
        raise error
    return BoltResponse(status=400)


@pytest.mark.parametrize("name", SLACK)
def test_slacks_payloads_as_they_are_make_no_mistake(runner: asyncio.Runner, name: str) -> None:
    assert runner.run(slack(SLACK[name])) == []


@settings(max_examples=150)
@given(body=st.sampled_from(sorted(SLACK)).flatmap(lambda name: mutated(SLACK[name])))
def test_no_change_of_a_payload_of_slacks_is_an_error_of_ours(runner: asyncio.Runner, body: Any) -> None:
    assert runner.run(slack(body)) == []


def overflowing() -> None:
    raise OverflowError


@pytest.mark.parametrize("mistake", [{}.popitem, overflowing])  # in the bot, not in the payload
def test_what_was_read_but_could_not_be_written_down_is_still_delivered_again(
    runner: asyncio.Runner, mistake: Any
) -> None:
    listener = Recorder()
    listener.before = mistake
    assert "answered 500" in runner.run(slack(SLACK["mention"], listener))


# --- Discord -----------------------------------------------------------------------------------------

ANN = {"id": "201", "username": "ann", "global_name": "Ann"}
MEMBER = {"user": ANN, "nick": None}
MESSAGE = {"id": "900", "channel_id": "101", "guild_id": "500", "author": ANN, "member": MEMBER, "type": 0}
MESSAGE |= {"content": "<@999> do it", "mentions": [{"id": "999", "username": "bot"}], "edited_timestamp": None}
MESSAGE |= {"attachments": [{"id": "1", "filename": "a.txt", "size": 3, "url": "https://cdn.discordapp.com/a.txt"}]}
CALL = {"id": "800", "application_id": "998", "token": "tok", "guild_id": "500", "channel_id": "101", "member": MEMBER}
CALL |= {"channel": {"id": "101", "type": 0}}
TYPED = {"type": 18, "component": {"type": 4, "custom_id": "goal", "value": "Count."}}
DISCORD: dict[str, tuple[str, Any]] = {
    "message": ("MESSAGE_CREATE", MESSAGE),
    "answer": ("MESSAGE_CREATE", MESSAGE | {"referenced_message": MESSAGE, "type": 19}),
    "edit": ("MESSAGE_UPDATE", MESSAGE | {"edited_timestamp": "2026-01-01T00:00:00+00:00"}),
    "deletion": ("MESSAGE_DELETE", {"id": "900", "channel_id": "101", "guild_id": "500"}),
    "deletions": ("MESSAGE_DELETE_BULK", {"ids": ["900", "901"], "channel_id": "101", "guild_id": "500"}),
    "sign": (
        "MESSAGE_REACTION_ADD",
        {"user_id": "201", "channel_id": "101", "message_id": "900", "emoji": {"name": "❌"}, "member": MEMBER},
    ),
    "words": (
        "INTERACTION_CREATE",
        CALL
        | {"type": 2, "data": {"name": "agent", "type": 1, "options": [{"name": "list", "type": 1, "options": []}]}},
    ),
    "run": (
        "INTERACTION_CREATE",
        CALL
        | {
            "type": 2,
            "data": {
                "name": "agent",
                "type": 1,
                "options": [{"name": "run", "type": 1, "options": [{"name": "goal", "type": 3, "value": "Count."}]}],
            },
        },
    ),
    "about": (
        "INTERACTION_CREATE",
        CALL | {"type": 2, "data": {"type": 3, "target_id": "900", "resolved": {"messages": {"900": MESSAGE}}}},
    ),
    "press": ("INTERACTION_CREATE", CALL | {"type": 3, "data": {"custom_id": PRESS, "component_type": 2}}),
    "edits": ("INTERACTION_CREATE", CALL | {"type": 3, "data": {"custom_id": EDIT, "component_type": 2}}),
    "asks": ("INTERACTION_CREATE", CALL | {"type": 3, "data": {"custom_id": f"ask:{PRESS}", "component_type": 2}}),
    "suggests": (
        "INTERACTION_CREATE",
        CALL
        | {
            "type": 4,
            "data": {
                "name": "agent",
                "options": [{"name": "status", "options": [{"name": "task", "value": "t", "focused": True}]}],
            },
        },
    ),
    "start": ("INTERACTION_CREATE", CALL | {"type": 5, "data": {"custom_id": "start:", "components": [TYPED]}}),
    "form": ("INTERACTION_CREATE", CALL | {"type": 5, "data": {"custom_id": f"form:{EDIT}", "components": [TYPED]}}),
}


async def discord(kind: str, body: Any) -> list[str]:
    rest: Any = Silent()
    work = Work()
    desk = DiscordContext(Recorder(), Recorder(), rest, work, Channels(rest), History(rest, Unshared()))
    with structlog.testing.capture_logs() as logs:
        await asyncio.wait_for(deliver(desk, kind, DiscordPayload(body=body, bot_user="999")), 5)
        await work.close(5)
    return [line["event"] for line in logs if line["event"] in MISTAKES]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_context, "STORE_RETRY_DELAYS", (0.0,) * 45)


@pytest.mark.parametrize("name", DISCORD)
def test_discords_payloads_as_they_are_make_no_mistake(runner: asyncio.Runner, hurried: None, name: str) -> None:
    assert runner.run(discord(*DISCORD[name])) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.sampled_from(sorted(DISCORD)).flatmap(
        lambda name: st.tuples(st.just(DISCORD[name][0]), mutated(DISCORD[name][1]))
    )
)
def test_no_change_of_a_payload_of_discords_is_an_error_of_ours(
    runner: asyncio.Runner, hurried: None, made: tuple[str, Any]
) -> None:
    assert runner.run(discord(*made)) == []


def test_a_message_that_cannot_be_read_does_not_hold_up_its_channel(runner: asyncio.Runner, hurried: None) -> None:
    tries = 0

    async def attempt() -> None:
        nonlocal tries
        tries += 1
        raise KeyError("id")

    async def attend() -> None:
        rest: Any = Silent()
        desk = DiscordContext(Recorder(), Recorder(), rest, Work(), Channels(rest), History(rest, Unshared()))
        await desk.handle(attempt, discord_context.Reach("101"))

    runner.run(attend())
    assert tries == discord_context.MAX_UNREADABLE_TRIES
