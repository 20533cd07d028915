"""Every message is counted once by a tokenizer, whatever becomes of the conversation.

archestra-ai/archestra#6137 and kyegomez/swarms#1736 tell of whole conversations that are counted at every turn."""

from collections import Counter
from typing import Any

import pytest

from tests.worker_harness import READ, agent
from threadwork.activities.model_calls.window_fill import View
from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.models.token_counts import TokenCounts
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.call_requests import LLMRequest
from threadwork.workflows.calls import Message
from threadwork.workflows.memory import Counted
from threadwork.workflows.models import ModelFacts, ModelRequest
from threadwork.workflows.run_requests import EventBatch
from threadwork.workflows.values import Status

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm", "ignore::UserWarning:pydantic")

ONE, SAME, OTHER = "gpt-4o", "gpt-5-mini", "anthropic/claude-sonnet-4-5"  # the first two share a tokenizer
TURNS = 100
CONFIG = RunConfig(agent=agent(), tools=(READ,), system_prompt="You help.")
FACTS = ModelFacts(name="any", context_window=1_000_000)
Body = dict[str, Any]


def conversation() -> list[Message]:
    bodies: list[tuple[Any, Body]] = [("goal", {"role": "user", "content": "Read it all."})]
    for turn in range(TURNS):
        function = {"name": "notes__read", "arguments": f'{{"name": "note {turn}"}}'}
        called = {"id": f"c{turn}", "type": "function", "function": function}
        bodies.append(("assistant", {"role": "assistant", "content": f"Next {turn}.", "tool_calls": [called]}))
        bodies.append(("tool", {"role": "tool", "tool_call_id": f"c{turn}", "content": f"Note {turn} says so."}))
    return [Message(ref=str(n), kind=kind, body=body, position=n) for n, (kind, body) in enumerate(bodies)]


class Spy:
    """How often each message, and the tools, went to LiteLLM's counter, by the tokenizer's name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.whole = library().token_counter
        monkeypatch.setattr(library(), "token_counter", self._count)

    def _count(self, model: str, messages: list[Body], tools: Any = None) -> int:
        name = library().litellm_core_utils.token_counter.openai_tokenizer_encoding_name(model)
        self.seen.update(
            (name, str(message)) for message in messages if message.get("content") or "tool_calls" in message
        )
        self.seen.update([(name, "tools")] if tools else [])
        return int(self.whole(model=model, messages=messages, tools=tools))


async def asked(lite: LiteLLMModel, told: list[Message], model: str, **changes: Any) -> int:
    """The tokens that a call of the run is taken to have."""
    request = LLMRequest(
        batch=EventBatch(task_id="t", epoch=1, status=Status.RUNNING),
        call_id="1.1",
        config_hash="h",
        model=model,
        position=999,
        **changes,
    )
    memory = Message(ref="sum", kind="text", body={"content": "It read half."}) if request.since else None
    view = View(CONFIG, FACTS, request, told, memory, {})
    tool = {"type": "function", "function": {"name": "notes__read", "parameters": {"type": "object"}}}
    blank = ModelRequest(model=model, messages=(), tools=(tool,), max_output=1_000, timeout=60)
    await view.fitted(lite, blank)
    return view.estimate


async def test_each_message_is_counted_once_by_a_tokenizer_through_compaction_and_changes_of_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lite, told, spy = LiteLLMModel(), conversation(), Spy(monkeypatch)
    first = await asked(lite, told, ONE)
    for turn in range(3, len(told), 2):  # as the run went on, the provider's usage being the base
        await asked(lite, told[:turn], ONE, counted=Counted(before=turn - 2, tokens=900))
    await asked(lite, told, ONE, since=TURNS + 1)  # the older half stands in a summary
    await asked(lite, told, OTHER)
    await asked(lite, told, SAME)
    assert await asked(lite, told, ONE) == first
    every = 1 + len(told) + 1  # the system prompt, and the tools
    assert Counter(name for name, _ in spy.seen) == {"o200k_base": every + 1, "cl100k_base": every}  # one summary
    assert set(spy.seen.values()) == {1}


def test_counts_of_single_messages_come_to_what_litellm_says_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [{"role": "system", "content": "You help."}, *(message.body for message in conversation())]
    tools = [{"type": "function", "function": {"name": "notes__read", "parameters": {"type": "object"}}}]
    for model in (ONE, OTHER):
        alone, both = TokenCounts().of(model, messages, ()), TokenCounts().of(model, messages, tools)
        assert alone == library().token_counter(model=model, messages=messages)
        assert both == library().token_counter(model=model, messages=messages, tools=tools)


def test_counts_are_kept_up_to_a_bound_and_those_used_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    spy, counts = Spy(monkeypatch), TokenCounts(kept=2)
    for word in ("one", "two", "one", "three", "one", "two"):
        counts.of(ONE, [{"role": "user", "content": word}], ())
    said = Counter(text.split("'content': ")[1].strip("'}") for (_, text), n in spy.seen.items() for _ in range(n))
    assert said == {"one": 1, "two": 2, "three": 1}


async def test_what_the_tokenizer_cannot_count_is_estimated_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lite, request = (
        LiteLLMModel(),
        ModelRequest(model=ONE, messages=({"role": "user", "content": "word " * 100},), max_output=9, timeout=9),
    )
    await lite.warm()
    with monkeypatch.context() as broken:
        broken.setattr(library(), "token_counter", lambda **_: 1 // 0)
        assert await lite.count(request) == 500 // 4
    assert await lite.count(request) < 500 // 4
