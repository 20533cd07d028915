"""The demo's whole story, played against tools that answer as ours do."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from threadwork.adapters.models.demo_model import DEMO, FACTS, DemoModel
from threadwork.adapters.models.routed import RoutedModel
from threadwork.workflows.errors import ModelError
from threadwork.workflows.models import Delta, ModelRequest, RequestedCall

BUILT_IN = ("complete_task", "ask_user", "update_plan", "read_output")
NOTES = ("notes__list_notes", "notes__read_note", "notes__write_note", "notes__delete_note")
GOAL = "Prepare the weekly status note for the platform team"
DENIED = "Denied by Ann: not in this folder."
Answer = Callable[[dict[str, Any]], str]


def wrote(arguments: dict[str, Any]) -> str:
    return f"Wrote {arguments['name']} (120 bytes)."


ANSWERS: Mapping[str, str | Answer] = {
    "notes__list_notes": "- alpha.md (12 bytes)\n- beta plan.md (120 bytes)\n- gamma.md (3 bytes)",
    "notes__read_note": "# A note\n\nIt says this and that, in two lines.",
    "notes__write_note": wrote,
    "ask_user": "Bullet points",
}


class Play:
    """A conversation with the demo and the harness around it."""

    def __init__(self, goal: str = GOAL, tools: tuple[str, ...] = BUILT_IN + NOTES, **answers: str | Answer) -> None:
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": "s" * 1000}]
        self.tools = tuple({"type": "function", "function": {"name": name, "parameters": {}}} for name in tools)
        self.answers: dict[str, str | Answer] = {**ANSWERS, **answers}
        self.turns: list[tuple[str, tuple[RequestedCall, ...]]] = []
        self.cost = 0
        self.say(goal)

    def say(self, text: str) -> None:
        self.messages.append({"role": "user", "content": text})

    @property
    def request(self) -> ModelRequest:
        return ModelRequest(model=DEMO, messages=tuple(self.messages), tools=self.tools, max_output=1024, timeout=5)

    async def turn(self) -> tuple[RequestedCall, ...]:
        """One model call and its tool calls."""
        deltas = [delta async for delta in DemoModel(0).stream(self.request)]
        text, last = "".join(delta.text for delta in deltas), deltas[-1]
        self.cost += last.cost_nanos or 0
        self.turns.append((text, last.calls))
        function = [{"id": c.id, "function": {"name": c.name, "arguments": c.arguments}} for c in last.calls]
        self.messages.append({"role": "assistant", "content": text, "tool_calls": function})
        for call in last.calls:
            answer = self.answers.get(call.name, "ok")
            said = answer if isinstance(answer, str) else answer(json.loads(call.arguments))
            self.messages.append({"role": "tool", "tool_call_id": call.id, "content": said})
        return last.calls

    async def round(self) -> str:
        """Plays until it is complete and returns the answer."""
        for _ in range(12):
            for call in await self.turn():
                if call.name == "complete_task":
                    return str(json.loads(call.arguments)["answer"])
        pytest.fail("the story does not end")

    @property
    def called(self) -> list[list[str]]:
        return [[call.name for call in calls] for _, calls in self.turns]

    def arguments(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(call.arguments) for _, calls in self.turns for call in calls if call.name == name]


async def test_the_story_plans_looks_asks_writes_and_completes() -> None:
    play = Play()
    answer = await play.round()
    assert play.called == [
        ["update_plan"],
        ["notes__list_notes"],
        ["notes__read_note", "notes__read_note"],
        ["update_plan", "ask_user"],
        ["update_plan", "notes__write_note"],
        ["update_plan", "complete_task"],
    ]
    written = play.arguments("notes__write_note")[0]
    assert written["name"] == "prepare-the-weekly-status-note.md"
    assert GOAL in written["text"]
    assert "Bullet points" in written["text"]
    for part in (GOAL, "Bullet points", f"`{written['name']}`", "demo", "not AI", "THREADWORK_MODEL=openai/gpt-5-mini"):
        assert part in answer


async def test_it_says_at_once_that_it_is_no_ai() -> None:
    play = Play()
    await play.turn()
    assert "not AI" in play.turns[0][0]


async def test_the_plan_says_what_is_under_way_whenever_that_changes() -> None:
    play = Play()
    await play.round()
    assert [[item["state"] for item in plan["items"]] for plan in play.arguments("update_plan")] == [
        ["doing", "todo", "todo", "todo"],
        ["done", "doing", "todo", "todo"],
        ["done", "done", "doing", "todo"],
        ["done", "done", "done", "done"],
    ]


async def test_notes_that_the_goal_names_are_the_ones_it_reads() -> None:
    play = Play("Compare gamma with the beta plan")
    await play.round()
    assert [arguments["name"] for arguments in play.arguments("notes__read_note")] == ["beta plan.md", "gamma.md"]


async def test_where_there_are_no_notes_it_reads_none() -> None:
    play = Play(notes__list_notes="There are no notes yet.")
    await play.round()
    assert not play.arguments("notes__read_note")


async def test_after_a_denial_it_proposes_another_name_and_writes_it_when_approved() -> None:
    answers = iter([DENIED])
    play = Play(notes__write_note=lambda arguments: next(answers, None) or wrote(arguments))
    answer = await play.round()
    names = [arguments["name"] for arguments in play.arguments("notes__write_note")]
    assert names == ["prepare-the-weekly-status-note.md", "prepare-the-weekly-status-note-draft.md"]
    assert ["update_plan", "notes__write_note"] in play.called
    assert f"Written: `{names[1]}`" in answer


@pytest.mark.parametrize(
    "told",
    [
        "Ann denied this call.",
        "Nobody decided in time, which counts as a denial.",
        "Not run; nobody decided on it. A new message came in; follow it.",
        "The policy of this agent does not allow notes.write_note.",
    ],
)
async def test_however_a_call_was_kept_from_running_it_counts_as_declined(told: str) -> None:
    play = Play(notes__write_note=told)
    assert "Nothing was written" in await play.round()


async def test_after_a_second_denial_it_completes_without_writing() -> None:
    play = Play(notes__write_note=DENIED)
    answer = await play.round()
    assert len(play.arguments("notes__write_note")) == 2
    assert "Nothing was written" in answer


async def test_an_unknown_outcome_is_not_tried_again_and_is_told() -> None:
    play = Play(notes__write_note="The outcome is unknown: the worker went away.")
    answer = await play.round()
    assert len(play.arguments("notes__write_note")) == 1
    assert "may not have been written" in answer


async def test_a_note_whose_name_contains_denied_counts_as_written() -> None:
    play = Play("List the denied requests")
    assert "Written: `list-the-denied-requests.md`" in await play.round()


async def test_without_the_notes_server_it_only_plans_asks_and_completes() -> None:
    play = Play(tools=BUILT_IN)
    await play.round()
    assert play.called == [["update_plan"], ["update_plan", "ask_user"], ["update_plan", "complete_task"]]
    assert [item["text"] for item in play.arguments("update_plan")[0]["items"]] == [
        "Ask how you want it",
        "Say what was done",
    ]


async def test_without_any_tool_it_answers_in_words() -> None:
    play = Play(tools=())
    assert await play.turn() == ()
    assert "not AI" in play.turns[0][0]


async def test_a_reply_in_the_middle_is_acknowledged_in_its_next_words_and_only_there() -> None:
    play = Play()
    await play.turn()
    play.say("Please mention Friday")
    await play.turn()
    await play.turn()
    assert "Please mention Friday" in play.turns[1][0]
    assert "Please mention Friday" not in play.turns[2][0]
    assert "Please mention Friday" in await play.round()


async def test_a_reply_that_answers_the_question_is_not_taken_for_another_one() -> None:
    play = Play(tools=BUILT_IN, ask_user="Ann answered: As a poem, please")
    await play.turn()
    await play.turn()
    play.say("As a poem, please")
    answer = await play.round()
    assert "How you wanted it: **As a poem, please**" in answer
    assert "also said" not in answer


async def test_what_the_run_itself_says_is_not_taken_for_a_person() -> None:
    play = Play(tools=BUILT_IN)
    await play.round()
    play.say("And on Friday?")
    play.say("Your answer was not delivered: a new message came in. Answer both.")
    answer = await play.round()
    assert "You wrote: *And on Friday?*" in answer
    assert "not delivered" not in play.turns[-1][0]


async def test_a_reply_after_the_answer_gets_a_shorter_round_that_reads_the_note_back() -> None:
    play = Play()
    await play.round()
    before = len(play.turns)
    play.say("And what did you write?")
    answer = await play.round()
    assert play.called[before:] == [["notes__read_note"], ["complete_task"]]
    assert play.arguments("notes__read_note")[-1] == {"name": "prepare-the-weekly-status-note.md"}
    assert "And what did you write?" in answer
    assert "> It says this and that" in answer


async def test_the_same_conversation_gets_the_same_words_and_ids() -> None:
    one, other = Play(), Play()
    await one.round()
    await other.round()
    assert one.turns == other.turns
    ids = [call.id for _, calls in one.turns for call in calls]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("goal", ["Do it", GOAL])
@pytest.mark.parametrize("listed", [ANSWERS["notes__list_notes"], "There are no notes yet."])
async def test_one_story_costs_a_little_over_half_of_ten_cents(listed: str, goal: str) -> None:
    play = Play(goal, notes__list_notes=listed)
    await play.round()
    assert 0.50 < play.cost / 0.10e9 < 0.65


@pytest.mark.parametrize("listed", [ANSWERS["notes__list_notes"], "There are no notes yet."])
async def test_a_story_with_a_denial_and_a_reply_fits_into_ten_cents_to_its_last_call(listed: str) -> None:
    answers = iter([DENIED])
    play = Play(notes__list_notes=listed, notes__write_note=lambda note: next(answers, None) or wrote(note))
    await play.round()
    play.say("And what does it say now?")
    await play.turn()  # reads the note back; the next call is the last
    assert play.cost + FACTS.cost(await DemoModel(0).count(play.request), 1_024) < 0.10e9
    await play.round()


async def test_usage_and_cost_follow_from_the_texts_alone() -> None:
    play = Play()
    last = [delta async for delta in DemoModel(0).stream(play.request)][-1]
    assert last.usage is not None
    assert last.usage.prompt == await DemoModel(0).count(play.request)
    assert last.cost_nanos == FACTS.cost(last.usage.prompt, last.usage.completion)
    play.messages[0]["content"] = "another system prompt"
    assert await DemoModel(0).count(play.request) == last.usage.prompt


async def test_it_speaks_word_by_word_with_the_calls_at_the_end() -> None:
    deltas: list[Delta] = [delta async for delta in DemoModel(0).stream(Play().request)]
    assert len(deltas) > 20
    assert all(not delta.calls and delta.finish is None for delta in deltas[:-1])
    assert deltas[-1].finish == "tool_calls"


async def test_a_goal_that_says_slow_is_told_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("threadwork.adapters.models.demo_model.asyncio.sleep", note)
    for goal in ("Do it", "Do it slowly"):
        async for _ in DemoModel(0.02).stream(Play(goal).request):
            pass
    assert {round(wait, 3) for wait in waits} == {0.02, 0.2}


async def test_another_demo_name_is_refused_with_the_right_one() -> None:
    with pytest.raises(ModelError, match="demo/scripted"):
        await DemoModel().facts("demo/other")


async def test_names_that_begin_with_demo_go_to_the_demo_and_others_do_not() -> None:
    class Lite:
        async def facts(self, model: str) -> str:
            return f"lite {model}"

    routed = RoutedModel(DemoModel(), Lite())  # type: ignore[arg-type]
    assert (await routed.facts(DEMO)).name == DEMO
    assert await routed.facts("openai/gpt-5-mini") == "lite openai/gpt-5-mini"  # type: ignore[comparison-overlap]
