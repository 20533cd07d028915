"""What people say in the threads of tasks, from the line to what the run is told and the person sees."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bot.chat.test_receive import BOB, GROUPS, OPS, Talk, Thread, asked
from tests.fake_run import AGENT, ANN, Front
from tests.receiver_harness import Heard
from tests.sqlite_file import migrated
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import ChannelSpec
from threadwork.workflows.approval_events import QuestionAsked
from threadwork.workflows.inbound import Response, ThreadMessage
from threadwork.workflows.values import Status


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    database = Database(migrated(tmp_path / "threadwork.db"))
    front = Front(SqlStore(database), AGENT, OPS, directory=GROUPS)
    async with intake_running(front.intake_worker):
        yield Talk(front)
    await database.close()


def button(response: Response | None) -> dict[str, Any]:
    """What a click on the only button of an answer carries."""
    assert response is not None
    [item] = response.items
    [one] = item.buttons
    return {"verb": one.press.verb, "task_id": one.press.task_id, "about": one.press.about, "detail": one.press.detail}


async def ended(talk: Talk) -> tuple[str, str]:
    """A task that has come to its end, and its thread."""
    task_id = await talk.ordered()
    await talk.ends(task_id)
    return task_id, f"root-{task_id}"


async def asks(talk: Talk, *options: str, question: str = "1") -> tuple[str, str]:
    task_id = await talk.ordered()
    told = QuestionAsked(question_id=question, question="Where?", options=options)
    await talk.happens(task_id, told, status=Status.WAITING_ANSWER)
    return task_id, f"root-{task_id}"


async def beside(talk: Talk, thread: str, goal: str = "And this") -> str:
    """Another task in the thread, by a command: commands work in threads on Discord."""
    await talk.command(f"run {goal}", thread=thread)
    task_id = (await talk.tasks())[0].task_id
    await talk.begun(task_id)
    return task_id


# --- lines whose author is asked ---------------------------------------------------------------------------


async def test_after_the_end_a_line_of_others_spends_nothing_until_its_author_says_so(talk: Talk) -> None:
    task_id, thread = await ended(talk)
    response, stored = await talk.says("nice, thanks!", by=BOB, thread=thread)
    assert (response and response.text, stored) == ("Go on with this?", True)
    assert await talk.replies(task_id) == []
    press = button(response)
    assert "Only" in (await talk.press(**press, by=ANN)).text
    assert "Got it" in (await talk.press(**press, by=BOB)).text
    await talk.told(task_id)
    assert await talk.replies(task_id) == ["nice, thanks!"]
    [wake] = [call[2] for call in talk.front.fake_run.calls if call[0] == "wake"]
    assert (wake.confirmed, wake.by.user_id) == (True, BOB.user_id)


async def test_the_requesters_line_right_after_the_end_goes_on(talk: Talk) -> None:
    task_id, thread = await ended(talk)
    assert (await talk.says("and the attic?", thread=thread))[0] is None
    await talk.told(task_id)
    assert await talk.replies(task_id) == ["and the attic?"]


async def test_once_somebody_else_has_spoken_the_requester_is_asked_too(talk: Talk) -> None:
    _, thread = await ended(talk)
    since = ThreadMessage(name="Bob", text="lunch?", at=datetime.now(UTC) + timedelta(seconds=1))
    response, _ = await talk.says("yes, at one", thread=thread, source=Thread(earlier=[since]))
    assert response is not None
    assert response.text == "Go on with this?"


async def test_where_options_stand_another_answer_is_asked_about(talk: Talk) -> None:
    task_id, thread = await asks(talk, "staging", "production")
    response, _ = await talk.says("on my laptop", thread=thread)
    assert response is not None
    assert response.text == "Is this the answer?"
    assert await talk.replies(task_id) == []
    await talk.press(**button(response))
    await talk.told(task_id)
    assert await talk.replies(task_id) == ["on my laptop"]


async def test_a_line_that_was_taken_back_meanwhile_is_not_told_at_all(talk: Talk) -> None:
    task_id, thread = await ended(talk)
    stamp = talk.stamp()
    response, _ = await talk.says("delete it all", by=BOB, thread=thread, stamp=stamp)
    origin = talk.source(BOB, thread, "edit-1")
    await talk.listener.edits(origin, stamp, None, datetime.now(UTC))
    assert "took this message back" in (await talk.press(**button(response), by=BOB)).text
    assert await talk.replies(task_id) == []


async def test_a_line_that_was_changed_meanwhile_is_told_as_it_is_now(talk: Talk) -> None:
    task_id, thread = await ended(talk)
    stamp = talk.stamp()
    response, _ = await talk.says("delete it all", by=BOB, thread=thread, stamp=stamp)
    await talk.listener.edits(talk.source(BOB, thread, "edit-1"), stamp, "delete it", datetime.now(UTC))
    await talk.press(**button(response), by=BOB)
    await talk.told(task_id)
    wake = next(call[2] for call in talk.front.fake_run.calls if call[0] == "wake")
    assert (wake.preview, await talk.replies(task_id)) == ("delete it", ["delete it"])


# --- said to others, and modes -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["at work", "asks", "waits", "ended"])
async def test_what_is_said_to_somebody_else_does_nothing(talk: Talk, state: str) -> None:
    task_id = await talk.ordered()
    thread = f"root-{task_id}"
    if state == "asks":
        await talk.happens(task_id, QuestionAsked(question_id="1", question="Where?"), status=Status.WAITING_ANSWER)
    if state == "waits":
        await talk.happens(task_id, asked(), status=Status.WAITING_APPROVAL)
    if state == "ended":
        await talk.ends(task_id)
    for text in ("@carol could you approve this?", "@bob please stop", "@carol stop", "@bob approve"):
        assert (await talk.says(text, thread=thread, to_others=True)) == (None, False)
    assert (await talk.says("!aside is this one any good?", thread=thread)) == (None, False)
    assert [call[0] for call in talk.front.fake_run.calls] == ["start"]


async def test_a_quiet_thread_hears_its_name_alone_and_control_words(talk: Talk) -> None:
    task_id = await talk.ordered()
    thread = f"root-{task_id}"
    told, _ = await talk.says("quiet", thread=thread, mentioned=True)
    assert told is not None
    assert "only replies here that mention me" in told.text
    assert await talk.says("look at this", thread=thread) == (None, False)
    assert (await talk.says("look at that", thread=thread, mentioned=True))[0] is None
    await talk.told(task_id)
    await talk.says("listen", thread=thread, mentioned=True)
    await talk.says("and at this", thread=thread)
    await talk.told(task_id, 2)
    assert await talk.replies(task_id) == ["look at that", "and at this"]
    await talk.says("quiet", thread=thread, mentioned=True)
    assert (await talk.says("stop the task", thread=thread)) == (None, True)


async def test_a_channel_has_an_agent_and_a_mode_of_its_own_and_says_so(talk: Talk) -> None:
    rule = ChannelSpec(agent="ops", instructions="Be brief.", follow_ups="off")
    catalog = MemoryCatalog(AGENT, OPS.model_copy(update={"access": AGENT.access}), channels={"C1": rule})
    talk.listener = Heard(replace(talk.front.ports, catalog=catalog))
    task_id = await talk.ordered()
    assert (await talk.store.tasks.get(task_id)).agent == "ops"
    assert await talk.says("look at this", thread=f"root-{task_id}") == (None, False)
    told, _ = await talk.says("look at this", thread=f"root-{task_id}", mentioned=True)
    assert told is not None
    assert "Replies are off here" in told.text
    here = await talk.command("here")
    assert all(words in here.text for words in ("**ops** answers here", "reads no replies", "Be brief."))


# --- several tasks, and conversations with the bot alone -----------------------------------------------------


async def test_of_two_tasks_in_a_thread_the_one_that_asks_hears_the_answer(talk: Talk) -> None:
    first, thread = await asks(talk)
    second = await beside(talk, thread)
    await talk.says("staging", thread=thread)
    await talk.told(first)
    assert (await talk.replies(first), await talk.replies(second)) == (["staging"], [])


async def test_of_two_tasks_in_a_thread_a_reply_goes_to_the_card_it_answers(talk: Talk) -> None:
    first = await talk.ordered()
    await beside(talk, f"root-{first}")
    await talk.says("the second floor", thread=f"root-{first}", answers=f"root-{first}")
    await talk.told(first)
    assert await talk.replies(first) == ["the second floor"]


async def test_what_the_newer_task_does_not_hear_the_older_one_does(talk: Talk) -> None:
    first = await talk.ordered()
    second = await beside(talk, f"root-{first}")
    await talk.ends(second)
    await talk.says("the second floor", thread=f"root-{first}")
    await talk.told(first)
    assert await talk.replies(first) == ["the second floor"]


async def test_with_the_bot_alone_a_plain_line_answers_the_question_that_waits(talk: Talk) -> None:
    task_id, _ = await asks(talk)
    response, _ = await talk.says("staging", direct=True, mentioned=True)
    assert response is None
    await talk.told(task_id)
    assert (await talk.replies(task_id), len(await talk.tasks())) == (["staging"], 1)


async def test_with_the_bot_alone_and_two_questions_the_person_is_asked_which(talk: Talk) -> None:
    await asks(talk)
    await asks(talk)
    response, stored = await talk.says("staging", direct=True, mentioned=True)
    assert response is not None
    assert (len(response.items), stored, len(await talk.tasks())) == (2, False, 2)
    assert all(item.buttons for item in response.items)


# --- a thread as people have it -------------------------------------------------------------------------------


async def test_a_morning_in_a_thread(talk: Talk) -> None:
    """Two tasks, an approval, a question and lunch: what is for an agent reaches it, and nothing else does."""
    first = await talk.ordered(goal="Find out why the import fails")
    thread = f"root-{first}"

    async def say(text: str, by: Any = ANN, **more: Any) -> str:
        response, _ = await talk.says(text, by=by, thread=thread, **more)
        return response.text if response else ""

    assert await say("It began on Monday.") == ""
    assert await say("@bob were you on call?", to_others=True) == ""
    assert await say("No, that was Carol.", by=BOB, to_others=True) == ""
    assert await say("Look at the proxy as well", by=BOB) == ""
    await talk.told(first, 2)
    await talk.happens(first, asked(), status=Status.WAITING_APPROVAL)
    assert await say("@carol could you approve this?", by=BOB, to_others=True) == ""
    assert "not shown" in await say("approve", by=BOB)
    assert "Did you mean" in await say("yes", by=BOB, source=Thread(earlier=[ThreadMessage(name="C", text="?")]))
    assert "Did you mean" in await say("approve it", by=BOB)
    assert await say("approve only if the backup is there") == ""
    await talk.told(first, 3)
    second = await beside(talk, thread, "what did we change on Monday?")
    await talk.happens(
        second, QuestionAsked(question_id="1", question="Which repository?"), status=Status.WAITING_ANSWER
    )
    assert await say("I think the big one", by=BOB) == ""
    assert await say("the importer") == ""
    await talk.told(second, 2)
    assert await say("@bob lunch?", to_others=True) == ""
    assert await say("!aside burgers again") == ""
    assert await say("quiet", mentioned=True) != ""
    await talk.ends(second)
    assert await say("stop the noise please", by=BOB) == ""
    await talk.told(first, 4)
    assert await say("Stop 🛑") == ""
    await talk.front.fake_run.heard("stop_execution")
    assert talk.front.fake_run.signals() == ["stop_execution"]
    assert await talk.replies(first) == [
        "It began on Monday.",
        "Look at the proxy as well",
        "approve only if the backup is there",
        "stop the noise please",
    ]
    assert await talk.replies(second) == ["I think the big one", "the importer"]
