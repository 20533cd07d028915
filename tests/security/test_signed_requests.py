"""What comes to Slack's address without Slack's signature, or with it and makes no sense."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from tests.adapters.slack.inbound_harness import Recorder
from tests.fake_slack.client import FakeSlack
from tests.security.http_harness import COMMAND, FORM, SECRET, signed
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.slack.connection import SlackConnection
from threadwork.adapters.slack.inbound import transport
from threadwork.bot.api.public import create_public_app

JSON = "application/json"
DEEP = b"[" * 20_000


class Door:
    """Slack's door on an app, and who listens behind it."""

    def __init__(self, door: SlackConnection, listener: Recorder) -> None:
        self.listener, self.door = listener, door
        self.app = FastAPI()
        self.app.add_api_route("/slack/events", door.handle, methods=["POST"], response_model=None)
        wrapped = create_public_app([self.app.router])
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(wrapped), base_url="https://bot.example.com")

    async def post(self, body: bytes, headers: Any) -> httpx.Response:
        return await self.http.post("/slack/events", content=body, headers=headers)


@pytest.fixture
async def door(fake_slack: FakeSlack) -> AsyncIterator[Door]:
    listener = Recorder()
    opened = SlackConnection(
        listener, listener, api_url=fake_slack.api_url, bot_token=fake_slack.bot_token, signing_secret=SECRET
    )
    async with opened:
        yield Door(opened, listener)


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


# --- not signed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b"no json",
        b"payload=x",
        b"payload=%7B",
        b"{",
        DEEP,
        b"\xff\xfe",
        b'{"type":"url_verification"}',
    ],
    ids=lambda body: body[:12].decode(errors="replace"),
)
@pytest.mark.parametrize("kind", [JSON, FORM, "", "text/plain; charset=nonsense"])
async def test_rubbish_that_nobody_signed_is_answered_401(door: Door, body: bytes, kind: str) -> None:
    answer = await door.post(body, {"Content-Type": kind})
    assert (answer.status_code, answer.text, door.listener.told) == (401, "", 0)


@pytest.mark.parametrize(
    "stamp",
    ["", "abc", "9" * 400, "-1", "1e9", "+1", " ", "1_000", "0x10", "nan", "inf", "1.5", "\u0661\u0662", "\u00b2"],
)
async def test_a_time_that_is_no_number_is_answered_401(door: Door, stamp: str) -> None:
    headers = {name: value.encode() for name, value in signed(COMMAND, stamp=stamp).items()}
    answer = await door.post(COMMAND, headers)
    assert (answer.status_code, answer.text, door.listener.told) == (401, "", 0)


@pytest.mark.parametrize("signature", [b"", b"v0=", "v0=ümläut".encode(), b"\xff\xfe", b"v0=" + b"a" * 9_000, b"v1=x"])
async def test_a_signature_of_another_kind_is_answered_401(door: Door, signature: bytes) -> None:
    headers = {**{name: value.encode() for name, value in signed(COMMAND).items()}, "X-Slack-Signature": signature}
    answer = await door.post(COMMAND, headers)
    assert (answer.status_code, answer.text, door.listener.told) == (401, "", 0)


@pytest.mark.parametrize("twice", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
@pytest.mark.parametrize("right_one_first", [True, False])
async def test_a_header_that_comes_twice_is_answered_401(door: Door, twice: str, right_one_first: bool) -> None:
    right, other = list(signed(COMMAND).items()), [(twice, "1")]
    answer = await door.post(COMMAND, [*right, *other] if right_one_first else [*other, *right])
    assert (answer.status_code, door.listener.told) == (401, 0)


async def test_what_was_signed_for_another_body_or_secret_is_answered_401(door: Door) -> None:
    for headers in (signed(COMMAND + b"&x=1"), signed(COMMAND, secret="f" * 32)):
        assert (await door.post(COMMAND, headers)).status_code == 401
    assert door.listener.told == 0


async def test_a_wrong_clock_is_answered_401_and_four_minutes_are_forgiven(door: Door) -> None:
    import time

    for seconds, status in ((-310, 401), (310, 401), (-240, 200), (240, 200)):
        stamp = str(int(time.time()) + seconds)
        assert (await door.post(COMMAND, signed(COMMAND, stamp=stamp))).status_code == status


# --- signed, and no payload --------------------------------------------------------------------------


def event(**fields: Any) -> bytes:
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1"} | fields).encode()


UNDIGESTIBLE = {
    "empty": (b"", JSON),
    "null": (b"null", JSON),
    "a list": (b"[1]", JSON),
    "a number": (b"7", JSON),
    "no json": (b"{", JSON),
    "deep": (DEEP, JSON),
    "deep in a form": (b"payload=" + quote(DEEP.decode()).encode(), FORM),
    "not UTF-8": (b"text=\xff", FORM),
    "payload is no json": (b"payload=x", FORM),
    "payload is a list": (b"payload=%5B1%5D", FORM),
    "payload is null": (b"payload=null", FORM),
    "nothing of Slack's": (b"a=b", FORM),
    "an empty object": (b"{}", JSON),
    "a type that is none": (b'{"type": {"a": 1}}', JSON),
    "an event that is a list": (event(event=[1]), JSON),
    "an event that is a text": (event(event="app_mention"), JSON),
    "authorizations that are none": (event(event={"type": "message"}, authorizations=[7]), JSON),
    "a mention by a list": (event(event={"type": "app_mention", "user": ["U1"], "channel": "C1", "ts": "1.1"}), JSON),
    "a press by nobody": (
        b"payload=" + quote('{"type":"block_actions","team":{"id":"T1"},"actions":[{"action_id":"press:1"}]}').encode(),
        FORM,
    ),
    "a command of nobody": (b"command=%2Fagent&text=run+x&team_id=T1", FORM),
    "a command that is a number": (b'{"command": 7, "team_id": "T1"}', JSON),
}


@pytest.mark.parametrize("name", UNDIGESTIBLE)
async def test_what_is_signed_and_makes_no_sense_is_answered_400(door: Door, name: str) -> None:
    body, kind = UNDIGESTIBLE[name]
    answer = await door.post(body, signed(body, kind=kind))
    assert (answer.status_code, answer.text, door.listener.told) == (400, "", 0)


PRESS = {
    "type": "block_actions",
    "user": {"id": "U1", "username": "ann", "team_id": "T1"},
    "team": {"id": "T1", "domain": "acme"},
    "api_app_id": "A1",
    "trigger_id": "1.1",
    "response_url": "http://127.0.0.1:9/",
    "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1"},
    "channel": {"id": "C1", "name": "ops"},
    "message": {"ts": "1.1", "thread_ts": "1.1"},
    "actions": [{"action_id": "press:1", "block_id": "b", "type": "button", "value": "pause|t1"}],
}
WINDOW = {
    "type": "view_submission",
    "user": {"id": "U1", "name": "ann", "team_id": "T1"},
    "team": {"id": "T1"},
    "trigger_id": "1.2",
    "view": {"id": "V1", "callback_id": "start", "private_metadata": "{}", "state": {"values": {}}, "hash": "1.x"},
}
SHORTCUT = {
    "type": "message_action",
    "callback_id": "ask_agent",
    "user": {"id": "U1", "name": "ann", "team_id": "T1"},
    "team": {"id": "T1"},
    "channel": {"id": "C1"},
    "message": {"ts": "1.1", "text": "hello", "files": [{"name": "a", "permalink": "x"}]},
    "trigger_id": "1.3",
    "response_url": "http://127.0.0.1:9/",
}
SAID = {"type": "message", "user": "U1", "text": "hi", "ts": "1.1", "channel": "D1", "channel_type": "im", "team": "T1"}
MENTION = {"type": "app_mention", "user": "U1", "text": "<@UBOT> hi", "ts": "1.1", "channel": "C1", "event_ts": "1.1"}
REACTED = {
    "type": "reaction_added",
    "user": "U1",
    "reaction": "x",
    "item": {"type": "message", "channel": "C1", "ts": "1"},
}
AROUND = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "authorizations": [{"team_id": "T1"}]}
TYPED = dict(pair.split("=") for pair in COMMAND.decode().split("&"))
WHOLE = {
    "press": PRESS,
    "window": WINDOW,
    "shortcut": SHORTCUT,
    "message": AROUND | {"event": SAID},
    "mention": AROUND | {"event": MENTION},
    "reaction": AROUND | {"event": REACTED},
    "edit": AROUND | {"event": SAID | {"subtype": "message_changed", "message": SAID, "previous_message": SAID}},
    "command": TYPED,
}
ODD: tuple[object, ...] = (None, 7, True, "", "x", [], [7], {}, {"id": 7}, {"id": None}, [[]], 1e308, -1)


def spoilt(value: Any) -> Iterator[Any]:
    """The value with something odd, or nothing, in each place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            rest = {name: kept for name, kept in value.items() if name != key}
            yield rest
            yield from ({**rest, key: other} for other in (*ODD, *spoilt(inner)))
    elif isinstance(value, list):
        yield from ([*other] for other in zip(*(spoilt(inner) for inner in value), strict=False))


@pytest.mark.breaches
@pytest.mark.parametrize("name", WHOLE)
async def test_a_payload_with_anything_in_any_place_is_taken_or_refused_never_an_error(door: Door, name: str) -> None:
    bodies = [json.dumps(body).encode() for body in spoilt(WHOLE[name])]
    answers = {body: await door.post(body, signed(body, kind=JSON)) for body in bodies}
    odd = {body: answer.text for body, answer in answers.items() if answer.status_code not in (200, 400)}
    assert len(bodies) > 100
    assert not odd
    assert not [body for body, answer in answers.items() if "could not write" in answer.text]


async def test_a_body_larger_than_any_of_slacks_is_answered_413(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BODY_LIMIT", 1_000)
    body = b"x" * 1_001
    assert (await door.post(body, signed(body))).status_code == 413
    assert (await door.post(COMMAND, signed(COMMAND))).status_code == 200


# --- what Slack asks of an address -------------------------------------------------------------------


async def test_the_address_is_verified_by_a_signed_challenge(door: Door) -> None:
    body = b'{"token": "x", "challenge": "3eZbrw1aB", "type": "url_verification"}'
    answer = await door.post(body, signed(body, kind=JSON))
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})


@pytest.mark.parametrize("headers", [{"Content-Type": FORM}, signed(b"ssl_check=1&token=x")], ids=["bare", "signed"])
async def test_the_look_at_the_certificate_is_answered_and_starts_nothing(door: Door, headers: dict[str, str]) -> None:
    answer = await door.post(b"ssl_check=1&token=x", headers)
    assert (answer.status_code, answer.text, door.listener.told) == (200, "", 0)


async def test_a_command_beside_a_look_at_the_certificate_starts_nothing(door: Door) -> None:
    answer = await door.post(COMMAND + b"&ssl_check=1", {"Content-Type": FORM})
    assert (answer.status_code, answer.text, door.listener.told) == (200, "", 0)


# --- the log -----------------------------------------------------------------------------------------


async def test_all_that_is_refused_is_one_line_a_minute(door: Door, logs: list[Any]) -> None:
    for _ in range(50):
        await door.post(b"payload=x", {"Content-Type": FORM})
    await door.post(b"null", signed(b"null", kind=JSON))
    assert [(line["event"], line["count"]) for line in logs] == [("slack_requests_refused", 1)]
    await door.door.close()
    assert [line["count"] for line in logs] == [1, 50]
    assert logs[-1]["why"] == {"not signed": 49, "not readable": 1}


async def test_what_was_counted_is_told_when_the_minute_is_over(logs: list[Any]) -> None:
    tally = Tally("refused", every=0.05)
    for _ in range(3):
        tally.add("odd")
    async with asyncio.timeout(30):
        while len(logs) < 2:
            await asyncio.sleep(0.01)
    assert [line["count"] for line in logs] == [1, 2]
    tally.close()
    assert len(logs) == 2
