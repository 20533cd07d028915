"""A 429: how long Slack is left in peace, and by whom."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.adapters.slack.outbound_harness import MARK, ROOM, just_now, part
from tests.adapters.slack.scripted_web_api import Scripted, answer
from tests.clock_ahead import ClockAhead
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.errors import ChatUnavailable

ELSEWHERE = ROOM.model_copy(update={"channel": "C2"})
ABROAD = ROOM.model_copy(update={"workspace": "T2"})


def too_fast(seconds: int) -> web.Response:
    return answer(429, {"Retry-After": str(seconds)}, error="ratelimited")


@pytest.fixture
async def people(slack: Scripted) -> AsyncIterator[Web]:
    """The bot's side."""
    opened = Web(slack.url)
    yield opened
    await opened.close()


# --- cards -----------------------------------------------------------------------------------------------


async def test_after_a_429_no_call_of_the_method_goes_out_before_slack_allows_it(
    chat: SlackChat, slack: Scripted, ahead: ClockAhead
) -> None:
    slack.answers["chat.update"] = [too_fast(60)]
    for place in (ROOM, ELSEWHERE):  # the limit is the workspace's, whatever the channel
        with pytest.raises(ChatUnavailable) as later:
            await chat.edit(place, "1.0", part(), MARK)
        assert 30 < (later.value.retry_after or 0) <= 60
    assert slack.counts["chat.update"] == 1
    ahead.by = 60
    await chat.edit(ROOM, "1.0", part(), MARK)
    assert slack.counts["chat.update"] == 2


async def test_a_429_silences_neither_other_methods_nor_other_workspaces(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["chat.update"] = [too_fast(30)]
    with pytest.raises(ChatUnavailable):
        await chat.edit(ROOM, "1.0", part(), MARK)
    await chat.edit(ABROAD, "1.0", part(), MARK)
    await chat.delete(ROOM, "1.0")
    assert slack.counts == {"chat.update": 2, "chat.delete": 1}


async def test_an_answer_without_a_time_silences_nobody(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["chat.update"] = [answer(500)]
    with pytest.raises(ChatUnavailable):
        await chat.edit(ROOM, "1.0", part(), MARK)
    await chat.edit(ROOM, "1.0", part(), MARK)
    assert slack.counts["chat.update"] == 2


# --- who we are ------------------------------------------------------------------------------------------


async def test_slack_is_asked_once_who_we_are_however_many_want_to_know(chat: SlackChat, slack: Scripted) -> None:
    await asyncio.gather(*(chat.find(ROOM, just_now()) for _ in range(10)))
    await chat.find(ROOM, just_now())
    assert slack.counts["auth.test"] == 1


async def test_a_429_to_that_question_is_everybodys_and_is_obeyed(
    clients: Clients, slack: Scripted, ahead: ClockAhead
) -> None:
    slack.answers["auth.test"] = [too_fast(60)]
    told = await asyncio.gather(*(clients.bot("T1") for _ in range(5)), return_exceptions=True)
    assert [(type(one), getattr(one, "retry_after", None)) for one in told] == [(ChatUnavailable, 60)] * 5
    with pytest.raises(ChatUnavailable):
        await clients.bot("T1")
    assert slack.counts["auth.test"] == 1
    ahead.by = 60
    assert await clients.bot("T1") == {"B1", "UBOT"}


async def test_whoever_gives_up_waiting_for_the_answer_takes_it_from_nobody(clients: Clients, slack: Scripted) -> None:
    first, second = (asyncio.create_task(clients.bot("T1")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == {"B1", "UBOT"}
    assert slack.counts["auth.test"] == 1


# --- people ----------------------------------------------------------------------------------------------


async def test_a_short_silence_is_waited_out_for_a_person(people: Web, slack: Scripted) -> None:
    slack.answers["views.open"] = [too_fast(1)]
    with pytest.raises(ChatUnavailable):
        await people.call("xoxb-1", "views.open")
    silenced = time.monotonic()
    await people.call("xoxb-1", "views.open")
    assert time.monotonic() - silenced > 0.9
    assert slack.counts["views.open"] == 2


async def test_a_long_silence_is_told_at_once_and_no_call_is_made(people: Web, slack: Scripted) -> None:
    slack.answers["views.open"] = [too_fast(30)]
    for _ in range(2):
        with pytest.raises(ChatUnavailable) as later:
            await people.call("xoxb-1", "views.open")
        assert 29 < (later.value.retry_after or 0) <= 30
    await people.call("xoxb-2", "views.open")  # another workspace's
    assert [token.removeprefix("Bearer ") for token in slack.tokens] == ["xoxb-1", "xoxb-2"]
