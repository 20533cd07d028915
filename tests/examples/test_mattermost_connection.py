"""The example's connection against the fake's websocket and REST API, with a receiver that only takes down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from examples.mattermost import history
from examples.mattermost.connection import MattermostConnection
from examples.mattermost.history import changed_since
from examples.mattermost.inbound.command import slash_command
from examples.mattermost.posts import MARK, called_off, calls, moment
from examples.mattermost.rest import Rest
from examples.mattermost.settings import MattermostSettings
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_mattermost.people import ANN, BOB, user
from threadwork.workflows.inbound import ChatViews, Inbound, IncomingMessage, MessageEdit, Response, StopReaction

TOWN = "C1"


@dataclass
class Recorder:
    """A receiver that stores nothing. `failures`: so many times it raises first."""

    heard: list[Inbound] = field(default_factory=list)
    failures: int = 0
    response: Response | None = None

    async def receive(self, inbound: Inbound) -> "Recorder":
        if self.failures:
            self.failures -= 1
            raise OSError
        self.heard.append(inbound)
        return self

    async def answer(self) -> Response | None:
        return self.response

    async def until(self, wanted: Callable[[Inbound], bool]) -> Inbound:
        async with asyncio.timeout(10):
            while not (found := [one for one in self.heard if wanted(one)]):
                await asyncio.sleep(0.01)
        return found[0]

    async def says(self, text: str) -> IncomingMessage:
        heard = await self.until(lambda one: isinstance(one, IncomingMessage) and one.text == text)
        assert isinstance(heard, IncomingMessage)
        return heard

    def texts(self) -> list[str]:
        return [one.text for one in self.heard if isinstance(one, IncomingMessage)]


@pytest.fixture
def settings(fake_mattermost: FakeMattermost) -> MattermostSettings:
    given = {"url": fake_mattermost.url, "bot_token": fake_mattermost.token, "public_url": "https://bot.test"}
    given |= {"command_token": "t", "button_secret": "s"}
    return MattermostSettings.model_validate({f"mattermost_{name}": value for name, value in given.items()})


@pytest.fixture
async def recorder(fake_mattermost: FakeMattermost, settings: MattermostSettings) -> AsyncIterator[Recorder]:
    taken = Recorder()
    async with MattermostConnection(taken, cast(ChatViews, None), settings) as connection:
        await _open(fake_mattermost)
        yield taken
        assert connection.healthy


async def _open(fake: FakeMattermost, sessions: int = 1) -> None:
    """Wait until so many sessions were begun, and each has asked where something was said before."""
    async with asyncio.timeout(10):
        while fake.answered.count("/api/v4/users/me/channels") < sessions:
            await asyncio.sleep(0.01)


async def test_what_was_heard_is_not_heard_again_after_the_connection_was_lost(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    post = fake_mattermost.say(ANN, TOWN, "@threadwork write")
    fake_mattermost.say(ANN, TOWN, "@threadwork help")
    await recorder.says("help")
    fake_mattermost.sockets.cut()
    fake_mattermost.reword(post, "@threadwork write more")
    fake_mattermost.say(ANN, TOWN, "@threadwork, said meanwhile")
    fake_mattermost.sockets.down = False
    await recorder.says("said meanwhile")
    assert recorder.texts() == ["write", "help", "said meanwhile"]
    assert [one.text for one in recorder.heard if isinstance(one, MessageEdit)] == ["write more"]


async def test_what_is_delivered_twice_is_handed_on_once(fake_mattermost: FakeMattermost, recorder: Recorder) -> None:
    fake_mattermost.sockets.twice = True
    for text in ("one", "two"):
        fake_mattermost.say(ANN, TOWN, f"@threadwork {text}")
    await recorder.says("two")
    assert recorder.texts() == ["one", "two"]


async def test_a_hole_in_the_numbers_makes_it_read_what_was_lost(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    fake_mattermost.sockets.losing = 1
    fake_mattermost.say(ANN, TOWN, "@threadwork lost")
    fake_mattermost.say(ANN, TOWN, "@threadwork not lost")
    await recorder.says("lost")
    await _open(fake_mattermost, 2)


async def test_what_could_not_be_stored_is_handed_on_again_before_what_was_said_later(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    recorder.failures = 1
    fake_mattermost.say(ANN, TOWN, "@threadwork one")
    fake_mattermost.say(ANN, TOWN, "@threadwork two")
    await recorder.says("two")
    assert recorder.texts() == ["one", "two"]


async def test_only_people_are_heard_and_in_channels_only_who_calls_the_bot(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    fake_mattermost.users["user-other"] = user("user-other", "Other", bot=True)
    fake_mattermost.say(ANN, TOWN, "nobody is called")
    fake_mattermost.say("user-other", TOWN, "@threadwork from a bot")
    fake_mattermost.say(ANN, TOWN, "@threadwork from a hook", props={"from_webhook": "true"})
    root = fake_mattermost.say(BOB, TOWN, "a thread")
    fake_mattermost.say(BOB, TOWN, "a reply", root["id"])
    fake_mattermost.say(ANN, fake_mattermost.direct(ANN), "alone")
    direct = await recorder.says("alone")
    reply = await recorder.says("a reply")
    assert set(recorder.texts()) == {"a reply", "alone"}
    assert (direct.mentioned, direct.source.direct) == (True, True)
    assert (reply.mentioned, reply.source.sink.thread, reply.source.by.name) == (False, root["id"], "Bob")


async def test_edits_deletions_and_signs_name_the_message_they_are_about(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    post = fake_mattermost.say(ANN, TOWN, "@threadwork go")
    fake_mattermost.reword(post, "@threadwork go on")
    fake_mattermost.take_back(post)
    fake_mattermost.react(BOB, post, "octagonal_sign")
    fake_mattermost.react(BOB, post, "tada")
    later = fake_mattermost.say(ANN, TOWN, "@threadwork later")
    sign = await recorder.until(lambda one: isinstance(one, StopReaction))
    said = await recorder.says("go")
    await recorder.says("later")
    edits = [one for one in recorder.heard if isinstance(one, MessageEdit)]
    assert [(one.text, f"{TOWN}:{one.message_id}") for one in edits] == [
        ("go on", said.source.key),
        (None, said.source.key),
    ]
    assert said.source.key < sign.source.moment < moment(later)
    assert sum(isinstance(one, StopReaction) for one in recorder.heard) == 1


async def test_an_answer_is_written_to_the_person_alone(fake_mattermost: FakeMattermost, recorder: Recorder) -> None:
    recorder.response = Response(text="Ask @channel", tone="warning")
    fake_mattermost.say(ANN, TOWN, "@threadwork go")
    async with asyncio.timeout(10):
        while not (told := [one for one in fake_mattermost.posts.values() if one["channel_id"] == f"direct-{ANN}"]):
            await asyncio.sleep(0.01)
    assert [one["message"] for one in told] == ["⚠️ Ask @\u200bchannel"]


async def test_a_mark_in_somebody_elses_root_is_none_of_ours(
    fake_mattermost: FakeMattermost, recorder: Recorder
) -> None:
    roots = [
        fake_mattermost.say(BOB, TOWN, "forged", props={MARK: "t1/status/0"}),
        fake_mattermost.create({"channel_id": TOWN, "message": "ours", "props": {MARK: "t2/status/0"}}, 0),
    ]
    for root in roots:
        fake_mattermost.say(ANN, TOWN, f"reply to {root['message']}", root["id"])
    replies = [await recorder.says(f"reply to {root['message']}") for root in roots]
    assert [await one.thread.root_mark() for one in replies] == ["", "t2/status/0"]
    assert [one.text for one in await replies[0].thread.earlier()] == ["forged"]


async def test_more_than_the_server_gives_at_once_is_read_page_by_page(
    fake_mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fake_mattermost.server.MAX_SINCE", 10)
    monkeypatch.setattr(history, "MAX_SINCE", 10)
    first = fake_mattermost.say(ANN, TOWN, "first")
    said = [fake_mattermost.say(ANN, TOWN, str(number)) for number in range(15)]
    rest = Rest(fake_mattermost.url, fake_mattermost.token)
    read = await changed_since(rest, TOWN, first["create_at"])
    assert [one["id"] for one in read] == [one["id"] for one in said]


@pytest.mark.parametrize(
    ("text", "called", "rest"),
    [
        ("@threadwork: go", True, "go"),
        ("please, @Threadwork.", True, "please, @Threadwork."),
        ("@threadwork-two go", False, "@threadwork-two go"),
        ("ann@threadwork.org", False, "ann@threadwork.org"),
    ],
)
def test_the_bots_name_calls_it_and_is_left_out_at_the_beginning(text: str, called: bool, rest: str) -> None:
    assert (calls(text, "threadwork"), called_off(text, "threadwork")) == (called, rest)


def test_a_command_names_the_channels_and_people_in_it() -> None:
    form: dict[str, list[str]] = {
        "user_id": [ANN],
        "channel_id": [TOWN],
        "trigger_id": ["t" * 220],
        "text": ["notify ~news to @bob, ~else"],
        "channel_mentions": ["news"],
        "channel_mentions_ids": ["C2"],
        "user_mentions": ["bob"],
        "user_mentions_ids": [BOB],
    }
    typed: Any = slash_command(form, "Ann", direct=False)
    assert typed.text == "notify #news to @bob, ~else"
    assert (typed.source.channels, typed.source.people) == ((("news", "C2"),), (("bob", BOB),))
    assert len(typed.source.key) < 200
