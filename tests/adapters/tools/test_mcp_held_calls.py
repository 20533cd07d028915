"""Servers of the older protocol that ask people something in the middle of a call, which stays open meanwhile.

Reports: modelcontextprotocol/typescript-sdk#903 (people are slower than the time-out), openai/codex#17566 (their time
is not the call's), PrefectHQ/fastmcp#2647 (of calls side by side it cannot be told which one asks)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.manners.asking_server import HOW_MANY, SURE, Asking, Manner, asks_over_http, asks_over_stdio
from tests.worker_harness import until
from threadwork.adapters.tools import mcp_held_calls
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.errors import NotHeld, Unsendable
from threadwork.workflows.models import Given, ToolOutput

READ, WRITE = ToolSpec(name="notes.read", read_only=True), ToolSpec(name="notes.write")
Ways = Callable[[Manner], Any]


class Harness:
    def __init__(self, box: McpToolBox, server: Asking) -> None:
        self.box, self.server = box, server

    async def call(self, name: str = "", tool: ToolSpec = WRITE, limit: float = 20, task: str = "") -> ToolOutput:
        return await self.box.call(tool, {"name": name} if name else {}, limit, task_id=task)

    async def answer(self, asked: ToolOutput, limit: float = 20, **content: Any) -> ToolOutput:
        assert asked.asked is not None, asked.text
        [key] = asked.asked.requests
        said = {"action": "accept", "content": content} if content else {"action": "decline"}
        given = Given(state=asked.asked.state, answers={key: said}, held=asked.asked.held)
        return await self.box.call(WRITE, {}, limit, given)


@asynccontextmanager
async def harness(way: str, folder: Path, **manner: Any) -> AsyncIterator[Harness]:
    with ExitStack() as stack:
        made = Manner(**manner)
        server = stack.enter_context(asks_over_http(made) if way == "http" else asks_over_stdio(folder, made))
        box = McpToolBox(server.servers, {})
        try:
            yield Harness(box, server)
        finally:
            await box.close()


def message(output: ToolOutput) -> str:
    assert output.asked is not None, output.text
    [params] = output.asked.requests.values()
    return str(params["message"])


@pytest.mark.parametrize("way", ["stdio", "http"])
async def test_two_questions_of_one_call_are_asked_and_answered_however_long_people_think(
    way: str, tmp_path: Path
) -> None:
    async with harness(way, tmp_path, questions=(HOW_MANY, SURE)) as there:
        first = await there.call()
        assert message(first) == "How many?"
        await asyncio.sleep(1.2)
        second = await there.answer(first, limit=1, count=3)
        assert message(second) == "Are you sure?"
        done = await there.answer(second)
        assert done.text == "accept {'count': 3}; decline None"
        assert there.server.of("call") == ["write"]


async def test_over_http_calls_side_by_side_each_get_the_answer_to_their_own_question(tmp_path: Path) -> None:
    async with harness("http", tmp_path, together=4) as there:
        asked = await asyncio.gather(*(there.call(name) for name in "abcd"))
        assert [message(one) for one in asked] == [f"How many? ({name})" for name in "abcd"]
        told = [await there.answer(one, count=number) for number, one in enumerate(asked)]
        assert [one.text for one in told] == [f"accept {{'count': {number}}}" for number in range(4)]


async def test_where_nobody_can_tell_which_call_asks_it_is_declined_and_later_calls_wait_for_one_another(
    tmp_path: Path,
) -> None:
    async with harness("stdio", tmp_path, together=2) as there:
        both = await asyncio.gather(there.call("a"), there.call("b"))
        told = " ".join(one.text for one in both)
        assert [one.text[:7] for one in both] == ["decline", "decline"]
        assert "does not say which of them asks; from now on they run one at a time" in told
        again = await asyncio.gather(there.call("c"), there.call("d"))
        assert [message(one) for one in again] == ["How many? (c)", "How many? (d)"], "one that waits makes room"
        assert [(await there.answer(one, count=1)).text for one in again] == ["accept {'count': 1}"] * 2


async def test_while_people_of_one_task_think_nothing_is_asked_in_the_call_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_held_calls, "QUESTION_GRACE", 0.2)
    async with harness("stdio", tmp_path) as there:
        ours = await there.call("our salary", task="a")
        theirs = await there.call("theirs", task="b")
        assert theirs.text.startswith("decline None"), "it might be the second question of the call that is held"
        assert "salary" not in theirs.text
        assert "wanted to ask people something, in this call or in another" in theirs.text
        busy = await there.call("again", limit=1, task="b")
        assert busy.is_error
        assert "another one is still open" in busy.text
        assert "in this call or in another" in (await there.answer(ours, count=1)).text
        again = await there.call("again", task="b")
        assert message(again) == "How many? (again)", "none is open, and none ended just now"
        assert (await there.answer(again, count=2)).text == "accept {'count': 2}"


async def test_a_question_just_after_the_call_of_another_task_may_be_meant_for_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_held_calls, "QUESTION_GRACE", 60.0)
    async with harness("stdio", tmp_path) as there:
        assert (await there.answer(await there.call(task="a"), count=1)).text == "accept {'count': 1}"
        assert (await there.answer(await there.call(task="a"), count=1)).text == "accept {'count': 1}"
        assert (await there.call(task="b")).text.startswith("decline None")


@pytest.mark.parametrize("way", ["stdio", "http"])
async def test_a_server_whose_question_nobody_answers_is_told_so(way: str, tmp_path: Path) -> None:
    async with harness(way, tmp_path, questions=(HOW_MANY, SURE)) as there:
        asked = (await there.call()).asked
        assert asked is not None
        await there.box.release(WRITE, asked.state or "")
        await until(lambda: there.server.of("answer") == [{"action": "cancel"}] * 2)
        with pytest.raises(NotHeld):
            await there.answer(ToolOutput(text="", asked=asked), count=1)


async def test_people_have_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_held_calls, "HELD_CALL_TTL", 0.2)
    async with harness("http", tmp_path) as there:
        await there.call()
        await until(lambda: there.server.of("answer") == [{"action": "cancel"}])


async def test_a_server_is_told_when_the_worker_closes(tmp_path: Path) -> None:
    async with harness("stdio", tmp_path) as there:
        await there.call()
    assert there.server.of("answer") == [{"action": "cancel"}]


async def test_an_answer_to_a_server_that_has_given_up_is_told_to_be_late(tmp_path: Path) -> None:
    async with harness("http", tmp_path, gives_up=True) as there:
        asked = await there.call()
        there.server.give_up.set()
        await until(lambda: ["gave up"] in there.server.told)
        [session] = (server._session for server in there.box._servers.values())
        assert session is not None
        await until(lambda: not session.in_flight)
        told = await there.answer(asked, count=3)
        assert told.is_error
        assert "Request timed out" in told.text
        assert "People answered what notes asked when it did not wait any longer" in told.text


async def test_an_answer_that_the_protocol_does_not_carry_leaves_the_call_as_it_was(tmp_path: Path) -> None:
    async with harness("stdio", tmp_path) as there:
        asked = await there.call()
        for wrong in ([1, 2], {"deep": 1}, "half a character \ud800"):
            with pytest.raises(Unsendable):
                await there.answer(asked, count=wrong)
        assert (await there.answer(asked, count=3)).text == "accept {'count': 3}"


async def test_two_attempts_that_bring_one_answer_are_both_in_time(tmp_path: Path) -> None:
    async with harness("stdio", tmp_path, questions=(HOW_MANY, SURE)) as there:
        asked = await there.call()
        both = await asyncio.gather(*(there.answer(asked, count=3) for _ in range(2)))
        assert {message(one) for one in both} == {"Are you sure?"}
        assert (await there.answer(both[0])).text == "accept {'count': 3}; decline None"


async def test_a_stream_that_was_cut_while_people_think_holds_no_call(tmp_path: Path) -> None:
    async with harness("http", tmp_path, cuts=True) as there:
        asked = await there.call()
        [session] = (server._session for server in there.box._servers.values())
        assert session is not None
        await until(lambda: not session.in_flight)
        with pytest.raises(NotHeld):
            await there.answer(asked, count=3)


async def test_a_call_whose_server_died_while_people_think_is_gone(tmp_path: Path) -> None:
    async with harness("stdio", tmp_path, dies=True) as there:
        asked = await there.call()
        [session] = (server._session for server in there.box._servers.values())
        assert session is not None
        await until(lambda: not session.in_flight)
        with pytest.raises(NotHeld):
            await there.answer(asked, count=3)
        assert message(await there.call()) == "How many?"


async def test_a_caller_that_goes_away_after_the_answer_ends_the_call(tmp_path: Path) -> None:
    async with harness("stdio", tmp_path) as there:
        asked = await there.call()
        assert asked.asked is not None
        [session] = (server._session for server in there.box._servers.values())
        assert session is not None
        held = session._calls._open[asked.asked.state or ""]
        waiting = asyncio.create_task(session._calls.next(held, 20))
        held._questions.clear()  # it works on
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        await until(lambda: ["cancelled"] in there.server.told)
        assert not session.in_flight


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"a": schema}
    return schema


@pytest.mark.parametrize("fields", [{"a\ud800": {"title": "\udc00", "enum": ["\ud800"]}}, {"a": _nested(400)}])
async def test_a_question_that_is_almost_json_is_read_as_far_as_it_can_be_and_answered(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    """Half a surrogate pair, or more levels than the SDK takes: such a line was lost, and its server waited."""
    odd = {"message": "How\ud800many?", "requestedSchema": {"type": "object", "properties": fields}}
    async with harness("stdio", tmp_path, questions=(odd,)) as server:
        asked = await server.call(limit=10)
        assert message(asked) == "How\ufffdmany?"
        assert (await server.answer(asked)).text == "decline None"
