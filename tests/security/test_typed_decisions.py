"""What is typed decides exactly what it names, where that was shown, and nothing else.

The tables are what people typed on the way to something else: each of these once let the one waiting call run, or
stopped the person's one task in another channel."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bot.chat.test_receive import BOB, CHANNEL, Talk, asked
from tests.fake_run import AGENT, ANN, Front
from threadwork.bot.chat.answers import unknown
from threadwork.bot.chat.words import parse
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.approval_events import HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.calls import Message
from threadwork.workflows.inbound import Response
from threadwork.workflows.messages import ApprovalDecision
from threadwork.workflows.run_events import FollowUpReceived
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.values import Status

GENERAL: dict[str, Any] = {"channel": "C2"}  # a channel in which nothing was shown


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    front = Front(None, AGENT)
    async with intake_running(front.intake_worker):
        yield Talk(front)


def asks(approval_id: str = "1", **fields: Any) -> HumanApprovalRequested:
    """A call that changes something, and can be undone."""
    return asked(approval_id, **{"effect": "changes", "arguments_preview": '{"path": "notes.txt"}', **fields})


async def waits(talk: Talk, *approvals: HumanApprovalRequested, **order: Any) -> str:
    """A task whose approvals wait, each shown in its thread."""
    task_id = await talk.ordered(**order)
    await talk.happens(task_id, *(approvals or (asks(),)), status=Status.WAITING_APPROVAL)
    for one in approvals or (asks(),):
        await shown(talk, task_id, f"approval:{one.approval_id}")
    return task_id


async def shown(talk: Talk, task_id: str, card: str, sink: Sink | None = None, **row: Any) -> None:
    """The card is delivered as it is after the newest event."""
    [own] = await talk.store.deliveries.sinks(task_id)
    where, seq = (sink or own).key, (await talk.store.tasks.get(task_id)).last_seq
    fence = await talk.store.leases.lease(task_id, where, "notifier", 60)
    facts = {"state": "posted", "message_id": f"m-{card}", "content_hash": "h", "rendered_seq": seq, "fence": fence}
    delivery = Delivery(**{"task_id": task_id, "sink": where, "card_key": card, "part": 0, **facts, **row})
    assert await talk.store.deliveries.write(delivery)


def decisions(talk: Talk) -> list[ApprovalDecision]:
    return [call[3] for call in talk.front.fake_run.calls if call[2:3] == ("decide_approval",)]


def verbs(answer: Response) -> list[list[str]]:
    return [[button.press.verb for button in item.buttons] for item in answer.items]


# --- other words ---------------------------------------------------------------------------------------

OTHER_WORDS = {
    "approve help": "Write `/agent approve <task> <number>`.",
    "approve ?": "Write `/agent approve <task> <number>`.",
    "approve --help": "Write `/agent approve <task> <number>`.",
    "approve list": "Write `/agent approve <task> <number>`.",
    "approve 1.": "Write `/agent approve <task> <number>`.",
    "approve zzz": "Write `/agent approve <task> <number>`.",
    "approve #1 please": "Write `/agent approve <task> <number>`.",
    "approve {task} 1 not yet": "Write `/agent approve <task> <number>`.",
    "approve {task} 1: fine": "Write `/agent approve <task> <number>`.",
    "approve 1 {task}": "Write `/agent approve <task> <number>`.",
    "approve 1 2": "Write `/agent approve <task> <number>`.",
    "approve not yet, wait for Bob": "as a goal: `/agent run approve not yet, wait for Bob`",
    "approve the release notes": "as a goal: `/agent run approve the release notes`",
    "approve tests": "No task begins with “tests”.",
    "deny {task} 1 because it is wrong": "Put a colon before the reason: `/agent deny {task} 1: because it is wrong`",
    "deny 1 too risky": "Put a colon before the reason: `/agent deny 1: too risky`",
    "deny the app to staging": "as a goal: `/agent run deny the app to staging`",
    "deny it": "Write `/agent deny <task> <number>: <reason>`.",
    "stop the noise please": "as a goal: `/agent run stop the noise please`",
    "stop please": "Write `/agent stop <task>`.",
    "stop {task} now": "Write `/agent stop <task>`.",
    "cancel everything": "Write `/agent stop <task>`.",
    "pause for lunch": "as a goal: `/agent run pause for lunch`",
    "pause ?": "Write `/agent pause <task>`.",
    "resume work": "Write `/agent resume <task>`.",
    "resume tests": "No task begins with “tests”.",
}


@pytest.mark.parametrize("place", ["the channel", "the thread", "elsewhere"])
@pytest.mark.parametrize(("typed", "told"), OTHER_WORDS.items())
async def test_a_command_with_other_words_changes_nothing_and_says_what_it_takes(
    talk: Talk, typed: str, told: str, place: str
) -> None:
    task_id = await waits(talk)
    where: dict[str, Any] = {"the channel": {}, "the thread": {"thread": f"root-{task_id}"}, "elsewhere": GENERAL}[
        place
    ]
    answer = await talk.command(typed.replace("{task}", task_id), **where)
    assert (answer.tone, talk.front.fake_run.signals()) == ("warning", [])
    assert told.replace("{task}", task_id) in answer.text


GOALS = {  # what was guessed once: stop, deny, pause, cost
    "stock report for today please": "write `/agent run stock report for today please`",
    "deploy the app to staging": "write `/agent run deploy the app to staging`",
    "please fix the login page": "write `/agent run please fix the login page`",
    "coast guard news": "write `/agent run coast guard news`",
    "aprove t2abc 2": "Did you mean `/agent approve t2abc 2`?",
    "notfy on failed approval": "Did you mean `/agent notify on failed approval`?",
    "lst": "Did you mean `/agent list`?",
}


@pytest.mark.parametrize(("typed", "offered"), GOALS.items())
def test_a_goal_without_its_command_is_offered_as_a_goal(typed: str, offered: str) -> None:
    assert offered in unknown(parse(typed)).text


# --- without an id -------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["approve", "deny", "approve 1", "deny 1: too risky", "deny: too risky"])
async def test_outside_of_a_thread_what_names_no_task_only_lists_what_waits(talk: Talk, typed: str) -> None:
    task_id = await waits(talk)
    answer = await talk.command(typed)
    assert talk.front.fake_run.signals() == []
    assert verbs(answer) == [["approve", "deny", "approve_task", "deny_because", "edit"]]
    assert task_id in answer.items[0].text
    assert f"/agent {typed.split()[0].rstrip(':')} <task> <number>" in answer.text


@pytest.mark.parametrize("typed", ["approve {task}", "deny {task}", "deny {task}: too risky"])
async def test_a_task_without_a_number_lists_what_waits_on_it_alone(talk: Talk, typed: str) -> None:
    task_id = await waits(talk)
    await waits(talk, goal="Another")
    answer = await talk.command(typed.replace("{task}", task_id))
    assert ([task_id in item.text for item in answer.items], talk.front.fake_run.signals()) == ([True], [])


@pytest.mark.parametrize("word", ["stop", "pause", "resume"])
async def test_a_control_without_a_task_lists_the_open_ones_with_their_buttons(talk: Talk, word: str) -> None:
    """Also the only one: it may be in a channel that the person does not think of."""
    task_id = await talk.ordered()
    answer = await talk.command(word, **GENERAL)
    assert (verbs(answer), talk.front.fake_run.signals()) == ([["pause", "stop", "details"]], [])
    assert task_id in answer.items[0].text
    assert f"`/agent {word} <task>`" in answer.text


async def test_in_a_thread_a_control_is_about_its_task(talk: Talk) -> None:
    first, second = await talk.ordered(), await talk.ordered()
    assert (await talk.command("stop", thread=f"root-{first}")).text == "Stopped: “Tidy up”."
    assert (await talk.command(f"pause {second[:9]}", **GENERAL)).text == "Paused: “Tidy up”."
    assert [call[1:3] for call in talk.front.fake_run.calls if call[0] == "signal"] == [
        (first, "stop_execution"),
        (second, "pause_execution"),
    ]


@pytest.mark.parametrize("word", ["status", "stop", "pause", "resume"])
async def test_who_has_no_open_task_is_told_what_was_looked_for(talk: Talk, word: str) -> None:
    assert (await talk.command(word)).text.startswith("You have no open task. ")


# --- what was shown there ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "told", "decided"),
    [
        ("approve {task} 1", "Allowed once: `Write (notes)` for “Tidy up”.", ("approve", "")),
        ("approve `{task}` #1", "Allowed once: `Write (notes)` for “Tidy up”.", ("approve", "")),
        ("deny {task} 1", "Denied: `Write (notes)` for “Tidy up”.", ("deny", "")),
        ("deny {task} 1: Too: risky", "Denied: `Write (notes)` for “Tidy up”.", ("deny", "Too: risky")),
    ],
)
async def test_a_decision_names_tool_and_task_and_carries_what_was_shown(
    talk: Talk, typed: str, told: str, decided: tuple[str, str]
) -> None:
    task_id = await waits(talk, asks("1", digest="d1"), asks("2", digest="d2"))
    answer = await talk.command(typed.replace("{task}", task_id))
    assert answer.text == told.replace("{task}", task_id)
    [one] = decisions(talk)
    assert (one.approval_id, one.seen, one.digest) == ("1", "d1", "d1")
    assert (one.decision, one.reason) == decided


@pytest.mark.parametrize(
    "where",
    [
        {"channel": "C2"},
        {"channel": "D1", "direct": True},
        {"thread": "another"},
    ],
    ids=["another channel", "with the bot alone", "another thread"],
)
@pytest.mark.parametrize("typed", ["approve {task} 1", "deny {task} 1: too risky"])
async def test_what_was_not_shown_there_is_not_decided_there(talk: Talk, typed: str, where: dict[str, Any]) -> None:
    task_id = await waits(talk)
    answer = await talk.command(typed.replace("{task}", task_id), **where)
    assert talk.front.fake_run.signals() == []
    assert f"Approval 1 of “Tidy up” ({task_id}) was not shown here" in answer.text
    [item] = answer.items
    assert (item.message_id, [button.press.digest for button in item.buttons]) == (f"root-{task_id}", ["d1"] * 5)


NOT_THERE: dict[str, dict[str, Any]] = {
    "it is being edited": {"state": "posting", "content_hash": "", "rendered_seq": 0},
    "the platform refused it": {"message_id": None},
    "it was deleted": {"state": "deleted"},
    "it says what was asked before": {"rendered_seq": 1},
}


@pytest.mark.parametrize("row", NOT_THERE.values(), ids=NOT_THERE)
async def test_a_card_that_does_not_stand_there_as_it_is_was_not_shown(talk: Talk, row: dict[str, Any]) -> None:
    task_id = await waits(talk)
    await shown(talk, task_id, "approval:1", **row)
    assert "was not shown here" in (await talk.command(f"approve {task_id} 1")).text
    assert talk.front.fake_run.signals() == []


async def test_a_call_that_came_up_since_is_not_approved_with_the_one_that_was_shown(talk: Talk) -> None:
    task_id = await waits(talk)
    await talk.happens(task_id, asks("1", digest="other"), status=Status.WAITING_APPROVAL)
    assert "was not shown here" in (await talk.command(f"approve {task_id} 1")).text
    await talk.happens(task_id, asks("2"), status=Status.WAITING_APPROVAL)
    assert "was not shown here" in (await talk.command(f"approve {task_id} 2")).text
    assert talk.front.fake_run.signals() == []


async def test_all_parts_of_a_card_must_stand_there(talk: Talk) -> None:
    task_id = await waits(talk)
    await shown(talk, task_id, "approval:1", part=1, state="posting", content_hash="")
    assert "was not shown here" in (await talk.command(f"approve {task_id} 1")).text
    await shown(talk, task_id, "approval:1", part=1)
    assert (await talk.command(f"approve {task_id} 1")).text.startswith("Allowed once: ")


async def test_a_subscribed_channel_in_which_it_was_shown_decides_it_too(talk: Talk) -> None:
    task_id = await waits(talk)
    subscribed = CHANNEL.model_copy(update={"channel": "C2", "kinds": ("approval",)})
    await shown(talk, task_id, "end:3", subscribed)
    assert "was not shown here" in (await talk.command(f"approve {task_id} 1", **GENERAL)).text
    await shown(talk, task_id, "approval:1", subscribed)
    for thread in ("elsewhere", "m-end:3"):
        answer = await talk.command(f"deny {task_id} 1", **GENERAL, thread=thread)
        assert ("was not shown" in answer.text) is (thread == "elsewhere")
    assert [one.decision for one in decisions(talk)] == ["deny"]


async def test_a_number_there_is_not_is_refused_by_name(talk: Talk) -> None:
    task_id = await waits(talk)
    answer = await talk.command(f"approve {task_id} 9")
    assert f"There is no approval 9 of “Tidy up” ({task_id})." in answer.text
    assert talk.front.fake_run.signals() == []


async def test_of_what_was_decided_before_the_answer_says_by_whom(talk: Talk) -> None:
    task_id = await waits(talk)
    await talk.happens(task_id, HumanApprovalReceived(approval_id="1", decision="approve", by=BOB, click_id="x"))
    await talk.ends(task_id)
    assert (await talk.command(f"deny {task_id} 1", **GENERAL)).text.startswith("Allowed already by Bob at ")


# --- what may not be undone ----------------------------------------------------------------------------


async def test_what_is_destructive_is_asked_again_by_a_button_that_shows_it(talk: Talk) -> None:
    path = '{"path": "notes\u202e.txt"}'
    task_id = await waits(talk, asks(effect="destructive", arguments_preview=path))
    await talk.store.transcript.put(task_id, Message(ref="args:1", kind="text", body={"content": path}))
    answer = await talk.command(f"approve {task_id} 1")
    assert (answer.tone, talk.front.fake_run.signals()) == ("warning", [])
    assert "Allow `Write (notes)` (`notes.write`) for “Tidy up”?" in answer.text
    assert 'path: "notes\\u202e.txt"' in answer.text
    [item] = answer.items
    assert [(one.press.verb, one.press.digest, one.confirm) for one in item.buttons] == [
        ("approve", "d1", ""),
        ("deny", "d1", ""),
    ]
    pressed = await talk.press("approve", task_id, "1", "d1")
    assert pressed.text == "Allowed once: `Write (notes)` for “Tidy up”."
    assert (await talk.command(f"deny {task_id} 1")).text.startswith("Denied: ")


@pytest.mark.parametrize("whole", ['{"text": "' + "harmless " * 200 + '", "force": true}', '{"text": "```\\n"}'])
async def test_a_destructive_call_that_cannot_be_shown_whole_has_no_button_there(talk: Talk, whole: str) -> None:
    task_id = await waits(talk, asks(effect="destructive"))
    await talk.store.transcript.put(task_id, Message(ref="args:1", kind="text", body={"content": whole}))
    answer = await talk.command(f"approve {task_id} 1")
    assert (verbs(answer), talk.front.fake_run.signals()) == ([[]], [])
    assert answer.items[0].message_id == f"root-{task_id}"


# --- mentions in a thread ------------------------------------------------------------------------------


async def mentioned(talk: Talk, task_id: str, text: str, by: Any = ANN) -> Response | None:
    response, _ = await talk.says(f"<@UBOT> {text}", by=by, thread=f"root-{task_id}", mentioned=True)
    return response


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ("approve 1", ("approve", "")),
        ("Approve #1", ("approve", "")),
        ("deny 1", ("deny", "")),
        ("deny 1: Ask Bob first.", ("deny", "Ask Bob first.")),
        ("approve {task} 1", ("approve", "")),
    ],
)
async def test_a_mention_in_the_thread_decides_what_was_shown_there(
    talk: Talk, said: str, decided: tuple[str, str]
) -> None:
    task_id = await waits(talk)
    answer = await mentioned(talk, task_id, said.replace("{task}", task_id))
    assert answer is not None
    assert "`Write (notes)` for “Tidy up”" in answer.text
    assert [(one.decision, one.reason) for one in decisions(talk)] == [decided]


@pytest.mark.parametrize("said", ["approve", "deny", "approve?", "deny: too risky"])
async def test_a_bare_word_in_the_thread_lists_what_waits_there(talk: Talk, said: str) -> None:
    task_id = await waits(talk, asks("1"), asks("2"))
    await waits(talk, goal="Another", channel="C2")
    answer = await mentioned(talk, task_id, said)
    assert answer is not None
    assert ([task_id in item.text for item in answer.items], decisions(talk)) == ([True, True], [])


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ("approve", ("approve", "d1", "")),
        ("deny", ("deny", "d1", "")),
        ("deny: too risky", ("deny", "d1", "too risky")),
    ],
)
async def test_a_bare_word_decides_on_the_one_that_waits_in_its_thread(
    talk: Talk, said: str, decided: tuple[str, str, str]
) -> None:
    task_id = await waits(talk)
    await mentioned(talk, task_id, said)
    assert [(one.decision, one.seen, one.reason) for one in decisions(talk)] == [decided]


@pytest.mark.parametrize("said", ["approve it", "deny 1 too risky", "approve 1 please"])
async def test_a_few_words_that_begin_like_a_decision_decide_nothing_and_show_buttons(talk: Talk, said: str) -> None:
    task_id = await waits(talk)
    answer = await mentioned(talk, task_id, said)
    assert answer is not None
    assert "Nothing is decided yet" in answer.text
    assert [call[0] for call in talk.front.fake_run.calls] == ["start"]


async def test_a_sentence_that_begins_like_a_decision_is_for_the_agent_and_decides_nothing(talk: Talk) -> None:
    task_id = await waits(talk)
    assert await mentioned(talk, task_id, "approve not yet, wait for Bob") is None
    await talk.told(task_id)
    assert decisions(talk) == []
    assert await talk.replies(task_id) == ["approve not yet, wait for Bob"]


async def test_what_is_said_to_somebody_else_decides_nothing(talk: Talk) -> None:
    task_id = await waits(talk)
    await mentioned(talk, task_id, "@carol approve 1")
    await talk.told(task_id)
    assert decisions(talk) == []


async def test_where_others_can_read_it_an_approval_of_another_place_is_not_quoted(talk: Talk) -> None:
    here, there = await waits(talk), await waits(talk, channel="D9")
    answer = await mentioned(talk, here, f"approve {there} 1")
    assert answer is not None
    assert "was not shown here" in answer.text
    assert ("notes.txt" in str(answer), verbs(answer), decisions(talk)) == (False, [[]], [])


async def test_a_mention_stops_the_task_whose_id_it_names_and_no_goal_that_begins_alike(talk: Talk) -> None:
    task_id = await talk.ordered()
    answer, _ = await talk.says(f"<@UBOT> stop {task_id}", mentioned=True)
    assert answer is not None
    assert answer.text == "Stopped: “Tidy up”."
    await talk.mention("stop tests that hang")
    assert talk.front.fake_run.signals() == ["stop_execution"]


# --- buttons -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["approve", "approve_task", "deny", "deny_because", "edit"])
async def test_a_press_that_does_not_say_what_was_shown_decides_nothing_and_shows_it(talk: Talk, verb: Any) -> None:
    task_id = await waits(talk)
    given = '{"path": "b.txt"}' if verb == "edit" else ""
    answer = await talk.press(verb, task_id, "1", given=given)
    assert (answer.tone, talk.front.fake_run.signals()) == ("warning", [])
    assert "Look at the call again" in answer.text
    assert {button.press.digest for button in answer.items[0].buttons} == {"d1"}


async def test_the_digest_that_is_pressed_is_the_digest_that_is_decided(talk: Talk) -> None:
    """Whether it is still the right one only the run can tell."""
    task_id = await waits(talk, asks(expires_at=datetime.now(UTC) + timedelta(days=1)))
    await talk.press("approve", task_id, "1", "old")
    assert [one.seen for one in decisions(talk)] == ["old"]


# --- what whoever types has seen -----------------------------------------------------------------------


def follow_up(stamp: str, text: str = "Not the second one!") -> FollowUpReceived:
    return FollowUpReceived(message_id=f"C1:{stamp}", ref="r", by=ANN, preview=text)


async def test_what_is_typed_in_the_thread_has_seen_what_stands_above_it_and_nothing_below(talk: Talk) -> None:
    task_id = await waits(talk)
    await talk.happens(task_id, follow_up("1700000000.000100"))
    await talk.says("approve 1", by=BOB, thread=f"root-{task_id}", stamp="1700000005.000100")
    await talk.happens(task_id, follow_up("1700000009.000100"))
    await talk.says("approve 1", by=BOB, thread=f"root-{task_id}", stamp="1700000007.000100")
    assert [one.up_to for one in decisions(talk)] == ["C1:1700000000.000100", ""]


async def test_what_is_typed_elsewhere_has_seen_what_the_card_shows_there(talk: Talk) -> None:
    task_id = await waits(talk)
    await talk.happens(task_id, follow_up("1700000000.000100"))
    await shown(talk, task_id, "approval:1")
    await talk.command(f"approve {task_id} 1", by=BOB)
    await talk.happens(task_id, follow_up("1700000001.000100"))
    await talk.command(f"approve {task_id} 1", by=BOB)
    assert [one.up_to for one in decisions(talk)] == ["C1:1700000000.000100", ""]


async def test_a_list_tells_what_was_written_since_beside_its_buttons(talk: Talk) -> None:
    """Its buttons say so, too: else nobody who presses one could ever have seen it."""
    task_id = await waits(talk)
    await talk.happens(task_id, follow_up("1700000000.000100"))
    listed = await talk.command("approvals", by=BOB)
    [item] = listed.items
    assert "Ann wrote since: “Not the second one!”" in item.text
    assert item.buttons[0].press.newest == "C1:1700000000.000100"
