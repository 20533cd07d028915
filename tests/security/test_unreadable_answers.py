"""Answers of a model that cannot be digested: each is asked for once, paid for once, and told to people."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from temporalio.client import Client

from tests.openai_server import OpenAIServer, Turn
from tests.worker_harness import READ, Actor, WorkerHarness, agent, call, done
from threadwork.activities.model_calls.answer import CALLS
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.errors import ModelError, ModelUnavailable, Undigestible
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest, RequestedCall
from threadwork.workflows.texts import LOST, Pieces, clean
from threadwork.workflows.values import NANOS, Usage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm", "ignore::UserWarning:pydantic")

MODEL = "openai/gpt-4o-mini"  # 150 nano-dollars a prompt token, 600 an answer token
END = Turn(calls=(("complete_task", {"answer": "Done."}),))
DEEP = '{"name": ' + "[" * 3_000 + "]" * 3_000 + "}"
GRIN, FIRST, SECOND = "\U0001f600", "\ud83d", "\ude00"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
async def lite() -> AsyncIterator[LiteLLMModel]:
    model = LiteLLMModel()
    yield model
    await model.close()


async def told(task: Actor) -> tuple[str, list[str]]:
    """The sentence with which the task failed, and the types of its events."""
    events = await task.events()
    return str(events[-1].data.get("error", "")), [event.type.value for event in events]


# --- the door itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "clean_text"),
    [
        ("plain", "plain"),
        (f"a{FIRST}{SECOND}b", f"a{GRIN}b"),
        (f"a{FIRST}b{SECOND}", f"a{LOST}b{LOST}"),
        (f"{SECOND}{FIRST}", LOST + LOST),
        ("nul\0", f"nul{LOST}"),
        (f"é\0{GRIN}", f"é{LOST}{GRIN}"),
    ],
)
def test_a_text_keeps_whole_characters_and_marks_what_was_lost(given: str, clean_text: str) -> None:
    assert clean(given) == clean_text


def test_halves_in_two_pieces_become_one_character_and_a_lone_one_is_marked() -> None:
    pieces = Pieces()
    assert [pieces.take(f"a{FIRST}"), pieces.take(""), pieces.take(f"{SECOND}b{FIRST}")] == ["a", "", f"{GRIN}b"]
    assert pieces.rest() == LOST
    assert pieces.rest() == ""


# --- through LiteLLM and a real server: the whole workflow --------------------------------------------


async def run(temporal: Client, lite: LiteLLMModel, **rest: Any) -> tuple[WorkerHarness, Actor, dict[str, Any]]:
    harness = WorkerHarness(
        temporal, lite, agent=agent(model=MODEL, **rest), tools=MemoryToolBox((READ, lambda a: "a note"))
    )
    async with harness.workers():
        task = await harness.start()
        return harness, task, await task.result()


async def test_half_a_character_is_marked_in_the_answer_and_asked_for_once(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel
) -> None:
    server.turns = [Turn(text=f"half {FIRST} char")]  # KohakuTerrarium#48
    harness, task, result = await run(temporal, lite)
    assert (result["status"], result["answer"]) == ("completed", f"half {LOST} char")
    assert len(server.requests) == 1
    assert (await harness.store.spend.total(task.task_id)).tokens == 120


async def test_a_character_that_a_gateway_cut_in_two_arrives_whole(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel
) -> None:
    server.turns = [Turn(text=f"abcde{FIRST}{SECOND} and {GRIN}", piece=6)]  # elizaOS#30904
    _, _, result = await run(temporal, lite)
    assert result["answer"] == f"abcde{GRIN} and {GRIN}"
    assert len(server.requests) == 1


async def test_arguments_nested_3000_deep_are_paid_for_once_and_end_the_task_with_a_sentence(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel
) -> None:
    server.turns = [Turn(raw_calls=(("notes__read", DEEP),), piece=2_000, prompt_tokens=1_000, completion_tokens=50)]
    harness, task, result = await run(temporal, lite)
    sentence, types = await told(task)
    assert result["status"] == "failed"
    assert len(server.requests) == 1
    assert sentence.startswith(f"{MODEL} gave an answer that cannot be used: it is nested more than")
    assert types.count("llm_call.failed") == 1
    spent = await harness.store.spend.total(task.task_id)
    assert (spent.tokens, spent.nanos) == (1_050, 1_000 * 150 + 50 * 600)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 1151, "completion_tokens": -35, "total_tokens": 1116},  # async-openai#404
        {"prompt_tokens": -6452, "completion_tokens": 435, "total_tokens": -6017},  # pi#2048
        {"prompt_tokens": 10**20, "completion_tokens": 10**20, "total_tokens": 2 * 10**20},
        {"prompt_tokens": "many", "completion_tokens": "some", "total_tokens": "lots"},
        {"prompt_tokens": 1.5, "completion_tokens": 2.5, "total_tokens": 4},
        {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": -7}},
        [1],
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},  # a budget that never moves
        {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
    ],
    ids=["negative answer", "negative prompt", "absurd", "words", "fractions", "negative cache", "a list", "0", "null"],
)
async def test_usage_that_cannot_be_is_replaced_by_our_own_count(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel, usage: Any
) -> None:
    server.turns = [Turn(text="A fine answer.", raw_usage=usage)]
    harness, task, result = await run(temporal, lite, budget=BudgetSpec(usd=1.0, tokens=100_000))
    assert (result["status"], result["answer"]) == ("completed", "A fine answer.")
    assert len(server.requests) == 1
    spent = await harness.store.spend.total(task.task_id)
    assert 100 < spent.tokens < 3_000, "the prompt and a short answer"
    assert 0 < spent.nanos < 0.01 * NANOS
    [thought] = [event.data for event in await task.events() if event.type == "llm_call.completed"]
    assert sum(thought["usage"][kind] for kind in ("prompt", "completion")) == spent.tokens


async def test_hundreds_of_calls_in_one_answer_are_bounded_and_the_model_is_told(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel
) -> None:
    many = tuple((f"notes__{'x' * 1_000}{number}", '{"a": "' + "y" * 500 + '"}') for number in range(300))
    server.turns = [Turn(raw_calls=many, piece=600), END]
    _, task, result = await run(temporal, lite)
    assert result["status"] == "completed"
    assert len(server.requests) == 2
    _, types = await told(task)
    assert types.count("tool_call.failed") == CALLS + 1
    told_last = [m["content"] for m in server.requests[1]["messages"] if m["role"] == "tool"][-1]
    assert f"An answer may make {CALLS} calls at most." in told_last
    assert "249 after it" in told_last


async def test_a_failed_digestion_moves_on_to_the_fallback_model(
    temporal: Client, server: OpenAIServer, lite: LiteLLMModel
) -> None:
    server.turns = [Turn(raw_calls=(("notes__read", DEEP),), piece=2_000), END]
    _, _, result = await run(temporal, lite, fallback_models=("openai/gpt-4o",))
    assert result["status"] == "completed"
    assert [request["model"] for request in server.requests] == ["gpt-4o-mini", "gpt-4o"]


# --- what LiteLLM hands on ---------------------------------------------------------------------------


def asked(**changes: Any) -> ModelRequest:
    plain = {"model": MODEL, "messages": ({"role": "user", "content": "Hello"},), "max_output": 300, "timeout": 5}
    return ModelRequest.model_validate({**plain, **changes})


async def test_names_and_arguments_of_calls_are_clean_when_they_leave_the_adapter(
    server: OpenAIServer, lite: LiteLLMModel
) -> None:
    server.turns = [Turn(raw_calls=((f"notes{FIRST}", '{"a": "' + f"{FIRST}{SECOND}{SECOND}" + '"}'),), piece=8)]
    [*_, last] = [delta async for delta in lite.stream(asked())]
    assert [(c.name, c.arguments) for c in last.calls] == [(f"notes{LOST}", f'{{"a": "{GRIN}{LOST}"}}')]


async def test_an_answer_without_end_is_left_at_the_bound(server: OpenAIServer, lite: LiteLLMModel) -> None:
    server.turns = [Turn(text="x" * 2_500_000, piece=100_000)]
    with pytest.raises(Undigestible, match="more than 2,000,000 characters"):
        async for _ in lite.stream(asked()):
            pass


async def test_a_ruled_line_of_one_sign_after_the_other_is_an_answer(server: OpenAIServer, lite: LiteLLMModel) -> None:
    """LiteLLM takes a hundred equal chunks for a model that has lost itself (litellm#6549): it would be paid again."""
    server.turns = [Turn(text="=" * 1_500, piece=5)]
    deltas = [delta async for delta in lite.stream(asked())]
    assert "".join(delta.text for delta in deltas) == "=" * 1_500


@pytest.mark.parametrize(
    "delta",
    [{"reasoning_content": "thinking " * 20_000}, {"tool_calls": [{"index": n, "id": str(n)} for n in range(4_000)]}],
    ids=["thoughts", "calls"],
)
async def test_thoughts_and_calls_without_end_are_left_at_the_bound_too(
    server: OpenAIServer, lite: LiteLLMModel, delta: dict[str, Any]
) -> None:
    for number, asked_for in enumerate(delta.get("tool_calls", ())):
        asked_for["function"] = {"name": f"f{number}", "arguments": "{}"}

    class Endless(Turn):
        def deltas(self) -> Iterator[Any]:
            yield from [delta] * 60

    server.turns = [Endless()]
    with pytest.raises(Undigestible, match="more than 2,000,000 characters"):
        async for _ in lite.stream(asked()):
            pass


async def test_what_a_model_said_is_in_no_log(
    server: OpenAIServer, lite: LiteLLMModel, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """LiteLLM logs what it cannot read, with a traceback and the value."""

    class Odd(Turn):
        def deltas(self) -> Iterator[Any]:
            yield {"tool_calls": [{"index": 0, "id": "a", "function": {"name": {"his": "secret"}, "arguments": ""}}]}

    server.turns = [Odd()]
    async for _ in lite.stream(asked()):
        pass
    assert "secret" not in caplog.text + "".join(capfd.readouterr())


async def test_a_chunk_that_makes_no_sense_in_the_middle_is_final(server: OpenAIServer, lite: LiteLLMModel) -> None:
    class Nonsense(Turn):
        def deltas(self) -> Iterator[Any]:
            yield {"content": "Hel"}
            yield {"content": ["lo"]}

    server.turns = [Nonsense()]
    try:
        deltas = [delta async for delta in lite.stream(asked())]
    except ModelUnavailable:
        pytest.fail("it would be asked for, and paid for, again")
    except ModelError:
        return
    assert "".join(delta.text for delta in deltas).startswith("Hel")


async def test_half_a_character_from_before_is_not_sent_to_the_provider(
    server: OpenAIServer, lite: LiteLLMModel
) -> None:
    messages = ({"role": "user", "content": f"half {FIRST}"},)  # aider#3693
    async for _ in lite.stream(asked(messages=messages)):
        pass
    assert server.requests[0]["messages"][-1]["content"] == f"half {LOST}"


# --- any model: the activity in its workflow ----------------------------------------------------------


class Breaking(MemoryModel):
    """Says something, then breaks in a way nobody foresaw."""

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        async for delta in super().stream(request):
            yield delta
        raise RuntimeError("a bug")


async def failed(temporal: Client, model: Any) -> tuple[WorkerHarness, Actor, str]:
    harness = WorkerHarness(temporal, model, tools=MemoryToolBox((READ, lambda a: "a note")))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "failed"
    assert len(harness.model.requests) == 1
    sentence, types = await told(task)
    assert types.count("llm_call.failed") == 1
    return harness, task, sentence


async def test_an_error_nobody_foresaw_after_an_answer_is_final_at_its_real_cost(temporal: Client) -> None:
    harness, task, sentence = await failed(temporal, Breaking([says("Hello")]))
    assert "cannot be used" in sentence
    spent = await harness.store.spend.total(task.task_id)
    assert (spent.tokens, spent.nanos) == (120, 120_000)


async def test_deep_arguments_of_any_model_are_final_at_their_real_cost(temporal: Client) -> None:
    deep = RequestedCall(id="1", name="notes__read", arguments=DEEP)
    harness, task, _ = await failed(temporal, MemoryModel([says("", deep)]))
    assert (await harness.store.spend.total(task.task_id)).tokens == 120


async def test_usage_that_no_table_holds_is_replaced_whatever_the_model(temporal: Client) -> None:
    absurd = says("Hello", usage=Usage(prompt=10**20, completion=10**20))
    harness = WorkerHarness(temporal, [absurd], agent=agent(budget=BudgetSpec(usd=None, tokens=None)))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert 0 < (await harness.store.spend.total(task.task_id)).tokens < 3_000
    assert len(harness.model.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        call("ask_user", question="Which?", options=list(range(50_000))),
        RequestedCall(id="1", name=f"a{FIRST}\0" * 100_000, arguments="{}"),
        RequestedCall(id="i" * 3_000_000, name="nowhere", arguments="{}"),
        RequestedCall(id="1", name="notes__read", arguments='{"a": NaN}'),
        RequestedCall(id="1", name="notes__read", arguments='{"a": 1e999}'),
    ],
    ids=["thousands of mistakes", "a huge name", "a huge id", "NaN", "infinity"],
)
async def test_a_call_that_is_only_wrong_is_told_to_the_model_in_few_words(
    temporal: Client, wrong: RequestedCall
) -> None:
    harness = WorkerHarness(temporal, [says("", wrong), done()], tools=MemoryToolBox((READ, lambda a: "a note")))
    async with harness.workers():
        assert (await (await harness.start()).result())["status"] == "completed"
    assert len(harness.model.requests) == 2
    assert harness.tools.calls == []
    assert len(json.dumps(harness.model.requests[1].messages[-1])) < 9_000


async def test_an_escape_for_what_no_text_can_hold_is_marked_before_people_and_tools_see_it(temporal: Client) -> None:
    odd = RequestedCall(id="1", name="notes__read", arguments='{"name": "a\\ud83d\\u0000", "b": "\\ud83d\\ude00"}')
    harness = WorkerHarness(temporal, [says("", odd), done()], tools=MemoryToolBox((READ, lambda a: "a note")))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    [(_, arguments)] = harness.tools.calls
    assert arguments == {"name": f"a{LOST}{LOST}", "b": GRIN}
    shown = next(event.data["arguments_preview"] for event in await task.events() if event.type == "tool_call.started")
    assert json.loads(shown) == arguments


async def test_a_refused_attempt_still_costs_nothing_and_is_tried_again(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [ModelUnavailable("Too many requests.", retry_after=0.1), done()])
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["status"] == "completed"
    assert len(harness.model.requests) == 2
    assert (await harness.store.spend.total(task.task_id)).tokens == 120


def test_facts_without_a_price_leave_the_cost_open() -> None:
    from threadwork.activities.model_calls.answer import estimated

    assert estimated(10, 8, ModelFacts(name="x")) == (Usage(prompt=10, completion=2), None)
