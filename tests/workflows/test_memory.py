"""What a task remembers when its conversation outgrows the model."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import ANN, BOB, READ, WRITE, Actor, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.errors import ContextOverflow
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest
from threadwork.workflows.values import Usage

TURNS = 300
PLAN = [{"text": "Book the hall", "state": "doing"}, {"text": "Write to the guests"}]
KEPT = ("Ultramarine, please.", "Only on Fridays.", "Never this customer; write an e-mail instead.", "Book the hall")
WRITTEN = ("invoice-1", "invoice-2", "invoice-3")


def size(request: ModelRequest) -> int:
    """Tokens as the server counts them."""
    return len(json.dumps([request.messages, request.tools])) // 4


class Small(MemoryModel):
    """A server that takes no more than its window, prompt and answer together; a summary of its is dull."""

    def __init__(self, script: Any, window: int) -> None:
        super().__init__(script, ModelFacts(name="m", context_window=window, max_output=window // 8))
        self.window = window
        self.refused = 0

    def _answer(self, request: ModelRequest) -> Delta | Exception:
        if (prompt := size(request)) + request.max_output > self.window:
            self.refused += 1
            return ContextOverflow("The conversation is too long for the model.")
        answer = super()._answer(request) if request.tools else says("Some notes were read.")
        assert isinstance(answer, Delta)
        return answer.model_copy(update={"usage": Usage(prompt=prompt, completion=50)})


@pytest.mark.slow
@pytest.mark.timeout(200)
async def test_a_task_of_300_turns_in_a_window_of_8000_tokens_forgets_nothing_that_people_decided(
    temporal: Client,
) -> None:
    model = Small(_long(), 8_000)
    harness = _stage(temporal, model)
    async with harness.workers():
        task = await harness.start("Plan the party.", by=ANN)
        await _people(task)
        result = await task.result(150)
    assert result["reason"] == "goal_achieved", result
    assert result["iterations"] == TURNS
    shown = json.dumps(model.requests[-1].messages)
    assert [words for words in ("Plan the party.", *KEPT, *WRITTEN) if words not in shown] == []
    assert "do not repeat them" in shown
    compactions = [e for e in await task.events() if e.type == "context.compacted"]
    assert len(compactions) > 5, "it must have outgrown the window again and again"
    kept = compactions[-1].data["kept"]
    assert (kept["answers"], kept["decisions"], kept["effects"], kept["plan"]) == (2, 1 + 3, 3, True)
    assert model.refused == 0, "a window that is known is never overfilled"


@pytest.mark.parametrize("older", [False, True], ids=["", "by an older version"])
async def test_what_was_decided_is_known_to_a_run_that_a_reply_woke(temporal: Client, older: bool) -> None:
    """`older`: the summary that stands was made by a version that kept nothing beside it."""
    model = Small(_short(), 3_000)
    harness = _stage(temporal, model)
    async with harness.workers():
        task = await harness.start("Plan the party.", by=ANN)
        denied = await task.happened("human_approval.requested")
        await task.decide(denied, "deny", by=BOB, reason="Never this customer.")
        await task.decide(await task.happened("human_approval.requested", 2), "approve", by=BOB)
        await task.result()
        first = await task.happened("context.compacted")
        if older:
            for message in harness.store.transcript._state.messages[task.task_id].values():
                message.body.pop("record", None)
        await task.reply("And once more: " + "the hall, the guests and the cake. " * 40, by=ANN)
        await task.happened("workflow.completed", 2)
        await task.result()
    shown = json.dumps(model.requests[-1].messages)
    assert [w for w in ("Never this customer.", "invoice-2", "And once more: ") if w not in shown] == []
    newest = [e for e in await task.events() if e.type == "context.compacted"][-1]
    assert newest.seq > first.seq
    assert newest.data["kept"]["decisions"] == 2


async def test_a_conversation_that_cannot_be_made_shorter_fails_after_some_tries_in_clear_words(
    temporal: Client,
) -> None:
    model = MemoryModel([ContextOverflow("The conversation is too long for m.")])
    harness = _stage(temporal, model)
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["reason"] == "failed"
    assert "Shortened 6 times, it still is" in (await task.happened("workflow.failed")).data["error"]
    assert len(model.requests) == 7


def _stage(temporal: Client, model: MemoryModel) -> WorkerHarness:
    tools = MemoryToolBox((READ, lambda a: "A note of no interest. " * 30), (WRITE, lambda a: f"wrote {a['name']}"))
    budget = BudgetSpec(usd=None, tokens=None, iterations=TURNS + 1)
    return WorkerHarness(temporal, model, tools=tools, agent=agent(budget=budget))


def _long() -> Callable[[ModelRequest], Delta]:
    turns = count(1)
    acts: dict[int, Delta] = {
        1: says("A plan first.", call("update_plan", items=PLAN)),
        2: says("", call("ask_user", question="Which colour?")),
        3: says("May I?", call("notes__write", name="customer-9")),
        20: says("", call("ask_user", question="When?")),
        **{n: says("", call("notes__write", name=name)) for n, name in zip((4, 5, 150), WRITTEN, strict=True)},
    }

    def script(request: ModelRequest) -> Delta:
        turn = next(turns)
        return (
            done()
            if turn == TURNS
            else acts.get(turn) or says(f"Turn {turn}.", call("notes__read", name=f"note {turn}"))
        )

    return script


def _short() -> Callable[[ModelRequest], Delta]:
    """Two approvals and ten notes; after that the same notes again."""
    turns = count(1)

    def script(request: ModelRequest) -> Delta:
        turn = next(turns)
        if turn in (1, 2):
            return says("May I?", call("notes__write", name=f"invoice-{turn}"))
        return done() if turn % 12 == 0 else says(f"Turn {turn}.", call("notes__read", name=f"note {turn}"))

    return script


async def _people(task: Actor) -> None:
    await _answer(task, 1, "Ultramarine, please.")
    denied = await task.happened("human_approval.requested")
    await task.decide(denied, "deny", by=BOB, reason="Never this customer; write an e-mail instead.")
    for number in (2, 3):
        await task.decide(await task.happened("human_approval.requested", number), "approve", by=BOB)
    await _answer(task, 2, "Only on Fridays.")
    await task.decide(await task.happened("human_approval.requested", 4, within=100, every=0.3), "approve", by=BOB)


async def _answer(task: Actor, number: int, text: str) -> None:
    asked = await task.happened("question.asked", number)
    click: dict[str, Any] = {"click_id": f"click-{number}", "question_id": asked.data["question_id"]}
    await task.signal("answer_question", {**click, "by": ANN.model_dump(), "answer": text})
