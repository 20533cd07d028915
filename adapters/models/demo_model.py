"""The model that needs no key: a script that drives the very path a real model takes. It is no AI."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

from threadwork.adapters.models.demo_scene import scene
from threadwork.adapters.models.demo_story import Move, next_move
from threadwork.workflows.errors import ModelError
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest, RequestedCall
from threadwork.workflows.values import Usage, digest

DEMO = "demo/scripted"
# Play prices: a whole story comes to 50 to 65 % of a budget of 0.10 USD, so that the warning at 50 % is seen; with a
# denial, a reply after the end, and the 1,024 tokens of answer below which no call is made, it still fits into it.
FACTS = ModelFacts(name=DEMO, context_window=40_000, max_output=2_048, prompt_nanos=1_210.0, completion_nanos=1_210.0)
# Tokens that stand for the system prompt and the tools, whatever an installation writes there. They outweigh what is
# said, so that every call costs much the same: only so does the price suit the shortest story and the longest.
OVERHEAD = 8_000
SLOWER = 10  # times, for goals that say "slow": time to press Pause


class DemoModel:
    """Satisfies the port `Model` under the one name `demo/scripted`.

    Its state is the conversation it is given and nothing else. `word_delay` is in seconds."""

    def __init__(self, word_delay: float = 0.02) -> None:
        self._word_delay = word_delay

    async def facts(self, model: str) -> ModelFacts:
        if model != DEMO:
            raise ModelError(f"There is no model {model}.", f"The demo is called {DEMO}.")
        return FACTS

    async def count(self, request: ModelRequest) -> int:
        """A quarter of the characters people, the demo and the tools wrote, and `OVERHEAD`."""
        spoken = [message for message in request.messages if message.get("role") != "system"]
        return OVERHEAD + _tokens(json.dumps(spoken, ensure_ascii=False))

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Word by word; the calls, the usage and the cost come last."""
        await self.facts(request.model)
        at = scene(request.messages, request.tools)
        move = next_move(at)
        delay = self._word_delay * (SLOWER if "slow" in at.goal.lower() else 1)
        for word in re.findall(r"\s*\S+\s*", move.text):
            await asyncio.sleep(delay)
            yield Delta(text=word)
        yield await self._last(request, move)

    async def _last(self, request: ModelRequest, move: Move) -> Delta:
        calls = tuple(
            RequestedCall(id=_call_id(request, number), name=name, arguments=json.dumps(arguments, ensure_ascii=False))
            for number, (name, arguments) in enumerate(move.calls)
        )
        written = move.text + "".join(call.name + call.arguments for call in calls)
        usage = Usage(prompt=await self.count(request), completion=_tokens(written))
        cost = FACTS.cost(usage.prompt, usage.completion)
        return Delta(calls=calls, finish="tool_calls" if calls else "stop", usage=usage, cost_nanos=cost)


def _tokens(text: str) -> int:
    return -(-len(text) // 4)


def _call_id(request: ModelRequest, number: int) -> str:
    """The same for the same conversation, and another for every call in it."""
    return f"demo_{digest([len(request.messages), request.messages[-1:], number])}"
