"""Tool servers of the older protocol that ask people something in the middle of a call."""

import asyncio
import json
import uuid
from typing import Any

from tests.manners import openai
from tests.manners.asking_server import HOW_MANY, SURE, Manner, asks_over_http, asks_over_stdio
from tests.manners.row import Row, Seen
from tests.worker_harness import Actor
from threadwork.workflows.events import EventType
from threadwork.workflows.values import LOCAL


def _turn(*names: str, tool: str = "notes__read") -> list[Any]:
    return [openai.calls(*((tool, {"name": name}) for name in names), ids=[f"call_{n}" for n in names]), openai.done()]


def _people(*answers: str, after: float = 0) -> Any:
    """Answer each question in turn; a question that ends in `(name)` with that name's number."""

    async def answer(task: Actor) -> None:
        for number, text in enumerate(answers, 1):
            asked = await task.happened(EventType.QUESTION_ASKED, times=number)
            await asyncio.sleep(after)
            said = str(ord(asked.data["question"][-2])) if text == "its own" else text
            click = {"click_id": uuid.uuid4().hex, "question_id": asked.data["question_id"], "answer": said}
            await task.signal("answer_question", {**click, "by": LOCAL.model_dump()})

    return answer


def _told(*outputs: str, outcomes: tuple[str, ...] = ()) -> Any:
    """What the model is told of its calls; `outcomes` of those that failed. What people said is in no event."""

    def expect(seen: Seen) -> None:
        told = [m["content"] for m in seen.last if m["role"] == "tool"]
        assert [text[: len(start)] for text, start in zip(told, outputs, strict=True)] == list(outputs)
        assert tuple(failed["outcome"] for failed in seen.of(EventType.TOOL_CALL_FAILED)) == outcomes
        assert "314" not in json.dumps([e.data for e in seen.events if e.type == EventType.QUESTION_ANSWERED])

    return expect


ROWS = (
    Row(
        name="a server over stdio that asks twice in one call, and gets a wrong answer first",
        reports=("modelcontextprotocol/typescript-sdk#903", "anomalyco/opencode#35275"),
        script=_turn("a", tool="notes__write"),
        mcp=lambda folder: asks_over_stdio(folder, Manner((HOW_MANY, SURE))),
        people=_people("many", "314", "Yes"),
        calls=[("notes.write", {})],
        expect=_told("accept {'count': 314}; accept {'sure': True}"),
    ),
    Row(
        name="a server over HTTP that asks in two calls side by side",
        reports=("PrefectHQ/fastmcp#2647",),
        script=_turn("a", "b"),
        mcp=lambda _: asks_over_http(Manner(together=2)),
        people=_people("its own", "its own"),
        expect=_told("accept {'count': 97}", "accept {'count': 98}"),
    ),
    Row(
        name="a server that dies while people think, in a call that may have changed something",
        reports=("modelcontextprotocol/typescript-sdk#903",),
        script=_turn("a", tool="notes__write"),
        mcp=lambda folder: asks_over_stdio(folder, Manner(dies=True)),
        people=_people("314", after=1),
        calls=[("notes.write", {})],
        expect=_told("The call was lost while people were asked", outcomes=("unknown",)),
    ),
    Row(
        name="a server that dies while people think, in a call that only reads",
        reports=("modelcontextprotocol/typescript-sdk#903",),
        script=_turn("a"),
        mcp=lambda folder: asks_over_stdio(folder, Manner(dies=True)),
        people=_people("314", "314", after=1),
        calls=[("notes.read", {})] * 2,
        expect=_told("accept {'count': 314}"),
    ),
)
