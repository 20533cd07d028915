"""“Always allow”: a choice that a form or a line opens, and that never decides by itself."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.chat.test_receive import BOB, Talk
from tests.fake_run import AGENT, Front
from tests.security.test_typed_decisions import asks, decisions, verbs, waits
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.errors import Rejected
from threadwork.workflows.grants import GrantWish


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    front = Front(None, AGENT)
    async with intake_running(front.intake_worker):
        yield Talk(front)


async def test_the_form_gives_what_was_chosen(talk: Talk) -> None:
    task_id = await waits(talk, asks(always=True))
    await talk.press("always", task_id, "1", "d1~", given="channel week", by=BOB)
    [decision] = decisions(talk)
    assert (decision.scope, decision.grant) == ("always", GrantWish(scope="channel", seconds=7 * 86_400))
    assert decision.rules >= 3


@pytest.mark.parametrize("given", ["", "always", "everybody", "everybody forever", "nobody week"])
async def test_without_a_choice_nothing_is_decided(talk: Talk, given: str) -> None:
    task_id = await waits(talk, asks(always=True))
    with pytest.raises(Rejected, match="Choose for whose tasks"):
        await talk.press("always", task_id, "1", "d1~", given=given)
    assert decisions(talk) == []


async def test_a_tool_that_is_excepted_or_asked_for_by_an_older_worker_is_never_allowed_for_good(talk: Talk) -> None:
    task_id = await waits(talk, asks())
    with pytest.raises(Rejected, match="cannot be allowed for good"):
        await talk.press("always", task_id, "1", "d1~", given="everybody week")
    assert decisions(talk) == []


@pytest.mark.parametrize("typed", ["always allow", "Always allow 1", "allow always.", "always approve #1"])
async def test_the_words_open_the_choice_and_decide_nothing(talk: Talk, typed: str) -> None:
    task_id = await waits(talk, asks(always=True))
    told, stored = await talk.says(typed, by=BOB, thread=f"root-{task_id}")
    assert told is not None
    assert (stored, verbs(told), decisions(talk)) == (False, [["always"]], [])
    assert told.text.startswith("Choose for whose tasks")


async def test_the_words_name_one_of_several_and_say_where_it_may_not_be(talk: Talk) -> None:
    task_id = await waits(talk, asks("1", always=True), asks("2"))
    told, _ = await talk.says("always allow", thread=f"root-{task_id}")
    assert told is not None
    assert "write `always allow <number>`" in told.text
    told, _ = await talk.says("always allow 2", thread=f"root-{task_id}")
    assert told is not None
    assert (verbs(told), "cannot be allowed for good" in told.items[0].text) == ([[]], True)
    assert decisions(talk) == []


@pytest.mark.parametrize("typed", ["always allow the deploy to go on", "allow it always please do"])
async def test_a_sentence_is_for_the_agent(talk: Talk, typed: str) -> None:
    task_id = await waits(talk, asks(always=True))
    told, stored = await talk.says(typed, thread=f"root-{task_id}")
    assert (told, stored, decisions(talk)) == (None, True, [])
