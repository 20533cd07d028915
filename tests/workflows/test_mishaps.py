"""What goes wrong: models that misbehave, servers that are away, workers that die."""

import asyncio

from temporalio.client import Client

from tests.worker_harness import READ, WRITE, WorkerHarness, agent, call, done
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.agents import ToolPolicy
from threadwork.workflows.errors import ContextOverflow, ModelError, ModelUnavailable
from threadwork.workflows.models import ModelFacts, ModelRequest, RequestedCall
from threadwork.workflows.values import Usage


def told(harness: WorkerHarness) -> str:
    return str(harness.model.requests[-1].messages[-1]["content"])


async def test_broken_json_arguments_are_told_to_the_model(temporal: Client) -> None:
    broken = RequestedCall(id="x", name="notes__read", arguments='{"name": "a')
    harness = WorkerHarness(temporal, [says("", broken), done()], tools=MemoryToolBox((READ, lambda a: "")))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert "not a JSON object" in told(harness)
    assert harness.tools.calls == []


async def test_a_tool_that_is_not_there_is_told_with_those_that_are(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal, [says("", call("notes__reed")), done()], tools=MemoryToolBox((READ, lambda a: ""))
    )
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"
    assert "notes__read" in told(harness)


async def test_a_model_that_says_nothing_three_times_fails_the_run(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("")])
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert result["status"] == "failed"
    assert "answered nothing 3 times" in (await task.events())[-1].data["error"]


async def test_a_final_model_error_fails_the_run_with_its_sentence(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [ModelError("OPENAI_API_KEY is not set.", "Set it.")])
    async with harness.workers():
        task = await harness.start()
        await task.result()
    assert (await task.events())[-1].data["error"] == "OPENAI_API_KEY is not set. Set it."
    assert (await harness.store.spend.total(task.task_id)).tokens == 0


async def test_a_final_model_error_moves_on_to_the_fallback_model(temporal: Client) -> None:
    model = MemoryModel(lambda r: done() if r.model == "memory/b" else ModelError("No such model."))
    harness = WorkerHarness(temporal, model, agent=agent(model="memory/a", fallback_models=("memory/b",)))
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"
    assert [r.model for r in model.requests] == ["memory/a", "memory/b"]


async def test_an_unavailable_model_is_tried_again_after_the_time_it_asks_for(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [ModelUnavailable("Too many requests.", retry_after=0.2), done()])
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert len(harness.model.requests) == 2
    assert (await task.types()).count("llm_call.started") == 1
    assert (await harness.store.spend.total(task.task_id)).tokens == 120, "a refused attempt costs nothing"


async def test_an_overlong_conversation_is_summarised_and_tried_again(temporal: Client) -> None:
    def script(request: ModelRequest) -> object:
        if not request.tools:
            return says("They wanted a note.")
        if any("They wanted a note." in str(m["content"]) for m in request.messages):
            return done("After the summary.")
        if len(request.messages) > 4:
            return ContextOverflow("Too long.")
        return says("", call("notes__read", name="a"))

    harness = WorkerHarness(temporal, MemoryModel(script), tools=MemoryToolBox((READ, lambda a: "text")))  # type: ignore[arg-type]
    async with harness.workers():
        task = await harness.start("Find the note.")
        result = await task.result()
    assert result["answer"] == "After the summary."
    assert "context.compacted" in await task.types()
    assert harness.model.requests[-1].messages[1]["content"] == "Find the note.", "the goal is kept word for word"


async def test_the_conversation_is_summarised_before_the_window_is_full(temporal: Client) -> None:
    def script(request: ModelRequest) -> object:
        if not request.tools:
            return says("Summary.")
        if any("Summary." in str(m["content"]) for m in request.messages):
            return done()
        return says("", call("notes__read", name="a"), usage=Usage(prompt=800, completion=1))

    facts = ModelFacts(name="m", context_window=1_000, prompt_nanos=0, completion_nanos=0)
    harness = WorkerHarness(temporal, MemoryModel(script, facts), tools=MemoryToolBox((READ, lambda a: "text")))  # type: ignore[arg-type]
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert (await task.types()).count("context.compacted") == 1


async def test_the_policy_denies_and_the_model_hears_it(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal,
        [says("", call("notes__write", name="a")), done()],
        tools=MemoryToolBox((WRITE, lambda a: "")),
        agent=agent(tools=ToolPolicy(deny=("notes.*",))),
    )
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"
    assert "does not allow notes.write" in told(harness)


async def test_a_tool_error_is_an_output_like_any_other(temporal: Client) -> None:
    def fail(arguments: object) -> str:
        raise ValueError("There is no note a.")

    harness = WorkerHarness(
        temporal, [says("", call("notes__read", name="a")), done()], tools=MemoryToolBox((READ, fail))
    )
    async with harness.workers():
        task = await harness.start()
        await task.result()
    assert told(harness) == "There is no note a."
    assert (await task.happened("tool_call.failed")).data["outcome"] == "error"


async def test_a_hanging_tool_that_may_have_written_has_an_unknown_outcome(temporal: Client) -> None:
    async def hang(arguments: object) -> str:
        await asyncio.sleep(60)
        return ""

    harness = WorkerHarness(
        temporal,
        [says("", call("notes__write", name="a")), done()],
        tools=MemoryToolBox((WRITE, hang)),
        agent=agent(tools=ToolPolicy(allow=("*",)), tool_timeout=0.5),
    )
    async with harness.workers():
        task = await harness.start()
        await task.result()
    assert (await task.happened("tool_call.failed")).data["outcome"] == "unknown"
    assert "unknown" in told(harness)
    assert len(harness.tools.calls) == 1


async def test_a_long_output_is_cut_and_can_be_read_on(temporal: Client) -> None:
    text = "".join(f"line {n}\n" for n in range(5_000))
    harness = WorkerHarness(
        temporal,
        [
            says("", call("notes__read", name="a")),
            says("", call("read_output", id="output:1.5", offset=10_000)),
            done(),
        ],
        tools=MemoryToolBox((READ, lambda a: text)),
    )
    async with harness.workers():
        task = await harness.start()
        await task.result()
    started = await task.happened("tool_call.started")
    assert started.data["call_id"] == "1.5"
    first, second = [m["content"] for m in harness.model.requests[-1].messages if m["role"] == "tool"]
    assert len(first) < 16_000
    assert 'read_output(id="output:1.5"' in first
    assert second == text[10_000:20_000]


async def test_a_goal_of_100_kb_works_and_stays_out_of_the_history(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [done()])
    async with harness.workers():
        task = await harness.start("x" * 100_000)
        await task.result()
    assert len(harness.model.requests[0].messages[1]["content"]) == 100_000
    history = await task.handle.fetch_history()
    assert len(history.to_json()) < 60_000


async def test_a_server_that_did_not_come_up_is_told_to_people_and_model(temporal: Client) -> None:
    harness = WorkerHarness(
        temporal, [done()], tools=MemoryToolBox(problems=["github: the command gh-mcp was not found."])
    )
    async with harness.workers():
        task = await harness.start()
        await task.result()
    assert (await task.events())[0].data["problems"] == ["github: the command gh-mcp was not found."]
    assert "gh-mcp was not found" in harness.model.requests[0].messages[0]["content"]


async def test_an_agent_that_is_gone_fails_the_task_with_a_sentence(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [done()])
    async with harness.workers():
        task = await harness.start(agent="ghost")
        assert (await task.result())["status"] == "failed"
    assert "ghost" in (await task.events())[-1].data["error"]


async def test_a_malformed_signal_has_no_effect(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [says("", call("ask_user", question="?")), done()])
    async with harness.workers():
        task = await harness.start()
        await task.happened("question.asked")
        await task.signal("decide_approval", {"nonsense": True})
        await task.signal("pause_execution", "why", {"no": "person"})
        await task.signal("increase_budget", {"click_id": "n", "by": {"platform": "a", "user_id": "b"}, "add_usd": -5})
        await task.signal("add_follow_up", 17)
        await task.reply("An answer.")
        await task.signal("resume_execution", "")
        assert (await task.result())["status"] == "completed"
    assert (await task.happened("click.refused")).data["click_id"] == "n"


async def test_a_database_that_is_away_for_a_while_loses_nothing(temporal: Client) -> None:
    store = MemoryStore()
    harness = WorkerHarness(
        temporal,
        [*[says("", call("notes__read", name="a"))] * 3, done()],
        store=store,
        tools=MemoryToolBox((READ, lambda a: "text")),
    )
    append, claim, down = store.events.append, store.calls.claim, []

    async def flaky(name: str, original, argument):  # type: ignore[no-untyped-def]
        down.append(name)
        if len(down) % 2:
            raise OSError("The database is away.")
        return await original(argument)

    store.events.append = lambda batch: flaky("append", append, batch)  # type: ignore[method-assign]
    store.calls.claim = lambda given: flaky("claim", claim, given)  # type: ignore[method-assign]
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert (await task.types()).count("tool_call.completed") == 3
