"""What one call shows a model of its conversation, so that it fits."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from threadwork.activities.model_calls.conversation import prompt
from threadwork.activities.model_calls.conversation_units import Unit, older, tokens, units
from threadwork.activities.model_calls.excerpts import shortened
from threadwork.activities.model_calls.file_weights import room_of, without_files
from threadwork.activities.model_calls.window_shares import Shares, found, output_room, prompt_room, shares, window_of
from threadwork.activities.ports.models import Model
from threadwork.activities.tool_calls.builtins import offered_tools
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.call_requests import LLMRequest, LLMResult
from threadwork.workflows.calls import Message
from threadwork.workflows.compaction_due import is_due, is_full
from threadwork.workflows.errors import ContextOverflow
from threadwork.workflows.models import ModelFacts, ModelRequest
from threadwork.workflows.values import Usage

CUTS = 3  # times that what is shown is cut and counted again
WORTH = 4  # a summary is worth its price if it takes at least such a part of the turns
FULL = "The conversation is too long for the model. Summarising it first."


class View:
    """The conversation of one request. `memory`: the stored summary of what was before `since`."""

    def __init__(
        self,
        config: RunConfig,
        facts: ModelFacts,
        request: LLMRequest,
        conversation: Sequence[Message],
        memory: Message | None,
        weights: Mapping[str, int],
    ) -> None:
        """`weights`: tokens of its files, by ref."""
        self._config = config
        self._facts = facts
        self._request = request
        self.conversation = sorted({m.position: m for m in conversation}.values(), key=lambda m: m.position or 0)
        self.memory = memory
        self.window = window_of(facts, request.window)
        self.files = room_of(self.window, request.shortened, weights)
        self.estimate = 0
        self.cut = False

    @cached_property
    def turns(self) -> list[Unit]:
        return units(m for m in self.conversation if (m.position or 0) >= self._request.since)

    @property
    def goal(self) -> str:
        goal = next((m for m in self.conversation if m.kind == "goal"), None)
        return str(goal.body.get("content") or "") if goal else ""

    @cached_property
    def shares(self) -> Shares:
        tools = json.dumps(offered_tools(self._config))
        return shares(self.window, sum(map(tokens, (self._config.system_prompt, tools, self.goal))))

    async def fitted(self, model: Model, asked: ModelRequest) -> ModelRequest:
        """The request as it is to be sent: with the conversation, cut where it must be, and room for an answer."""
        shown = asked.model_copy(update={"messages": self._messages(self.conversation)})
        self.estimate = await self._counted(model, shown)
        room, most = prompt_room(self.window, asked.max_output), self.conversation
        for _ in range(CUTS):
            if self.estimate <= room or self.too_full:
                break
            most, self.cut = shortened(most, self.estimate - room), True
            shown = asked.model_copy(update={"messages": self._messages(most)})
            self.estimate = await self._all_of(model, shown)
        return shown.model_copy(update={"max_output": min(asked.max_output, output_room(self.window, self.estimate))})

    @property
    def too_full(self) -> bool:
        """Whether a summary comes before the call. Once it has come, the model is asked, however full it is."""
        return not self._request.shortened and is_full(self.estimate, self.window) and self._worth(self.turns)

    def full(self) -> LLMResult:
        return LLMResult(outcome="overflow", error=FULL, too_long="turns", window=self.window, unasked=True)

    def refused(self, error: ContextOverflow) -> LLMResult:
        """The model says that it is too long."""
        what: Literal["turns", "last_turn"] = "turns" if older(self.turns, 0) else "last_turn"
        taken = found(self.window, self.estimate, self._request.shortened)
        told = error.limit if error.limit and error.limit < self.window else taken
        return LLMResult(outcome="overflow", error=str(error), too_long=what, window=told)

    def answered(self, usage: Usage, answer: Sequence[Message]) -> dict[str, Any]:
        """What the result says of the window."""
        turns = [*self.turns, *(Unit([m]) for m in answer if m.kind == "assistant")]
        filled = is_due(usage.prompt + usage.completion, self.window) and self._worth(turns)
        trusted = usage.prompt if usage.prompt * 3 > self.estimate else self.estimate
        return {"window": self.window, "compact": filled, "tallied": 0 if self.cut else trusted}

    def _worth(self, turns: list[Unit]) -> bool:
        old = older(turns, self.shares.recent)
        return bool(old) and WORTH * sum(u.tokens for u in old) >= sum(u.tokens for u in turns)

    def _messages(self, conversation: Sequence[Message]) -> tuple[dict[str, Any], ...]:
        return prompt(self._config, conversation, self._request.since, self.memory)

    async def _counted(self, model: Model, shown: ModelRequest) -> int:
        """Only what is new since the provider counted, where it is known what it counted."""
        base = self._request.counted
        if base is None:
            return await self._all_of(model, shown)
        new = tuple(m.body for m in self.conversation if (m.position or 0) >= base.before)
        rest = shown.model_copy(update={"messages": new, "tools": ()})
        return base.tokens + (await self._all_of(model, rest) if new else 0)

    async def _all_of(self, model: Model, shown: ModelRequest) -> int:
        """With its files, which are no parts of their messages yet."""
        files = sum(self.files.taken(shown.messages).values())
        return files + await model.count(shown.model_copy(update={"messages": without_files(shown.messages)}))
