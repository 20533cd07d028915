"""The model call: claimed, paid for and recorded once."""

import asyncio
import logging
import uuid
from typing import Any

from temporalio import activity

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.events import hint
from threadwork.activities.heartbeat import heartbeating, stopped
from threadwork.activities.model_calls.answer import came_to, estimated, recorded, refused, unusable
from threadwork.activities.model_calls.answer_endings import refusal
from threadwork.activities.model_calls.answer_result import Answered
from threadwork.activities.model_calls.attached_files import Attached
from threadwork.activities.model_calls.conversation import entering
from threadwork.activities.model_calls.live_text import live_text
from threadwork.activities.model_calls.partial_answer import Said
from threadwork.activities.model_calls.summary_call import Summing
from threadwork.activities.model_calls.text_calls import are_meant, as_requested, written_calls
from threadwork.activities.model_calls.wait_or_fall_back import wait_for
from threadwork.activities.model_calls.window_fill import View
from threadwork.activities.run_configs import Configs
from threadwork.activities.tool_calls.builtins import offered_tools
from threadwork.activities.tool_calls.granted import found_grants
from threadwork.workflows import crash_points
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.call_requests import Failure, LLMRequest, LLMResult
from threadwork.workflows.calls import Claim, Claimed, Finish, Message, Reservation
from threadwork.workflows.errors import (
    BrokenAnswer,
    ContextOverflow,
    ModelError,
    ModelUnavailable,
    ToolRefused,
    Undigestible,
)
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest
from threadwork.workflows.texts import clean
from threadwork.workflows.values import Usage

log = logging.getLogger(__name__)
NOTHING = Usage()


class ModelActivities:
    """Activities that call models: claim the call, stream the answer, store what it came to."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._configs = Configs(dependencies.runs)
        self._attached = Attached(dependencies.transcript, dependencies.files)

    @activity.defn
    async def call_llm_activity(self, request: LLMRequest) -> LLMResult:
        async with heartbeating():
            return await ModelCall(self._ports, self._configs, self._attached, request).make()


class ModelCall:
    """One attempt at one call."""

    def __init__(self, ports: ActivityDependencies, configs: Configs, attached: Attached, request: LLMRequest) -> None:
        self._ports = ports
        self._configs = configs
        self._attached = attached
        self._request = request
        self._task_id = request.batch.task_id
        self._attempt = uuid.uuid4().hex
        self._summing: Summing | None = None
        self._cached_share = 1.0

    async def make(self) -> LLMResult:
        """The result of the call, made now or recorded before. Raises ApplicationError where Temporal is to retry."""
        if activity.info().attempt > 1:  # a first attempt finds out when it claims
            stored = await self._ports.calls.recorded(self._task_id, self._request.call_id)
            if stored is not None:
                return recorded(stored, self._request.model)
        config = await self._configs.get(self._request.config_hash)
        try:
            facts = await self._ports.model.facts(self._request.model)
        except ModelError as error:
            await self._claim(None)
            return await self._failed("final", error, NOTHING)
        self._cached_share = facts.cached_share
        self._view = await self._conversation(config, facts)
        asked = await self._model_request(config, facts)
        if isinstance(asked, LLMResult):
            await self._claim(None)
            return await self._finish(asked, usage=NOTHING)
        reserve = self._reservation(asked, facts)
        claimed = await self._claim(reserve)
        if claimed.state == "mine":
            crash_points.reached("model_claimed")
            asked = asked.model_copy(update={"max_output": claimed.output_cap})
            return await self._call(config, facts, asked)
        return self._not_mine(claimed)

    def _not_mine(self, claimed: Claimed) -> LLMResult:
        if claimed.state == "done" and claimed.result is not None:
            return recorded(claimed.result, self._request.model)
        if claimed.state == "over_budget":
            what = "dollars" if claimed.exceeded == "usd" else "tokens"
            error = f"Too little of the budget ({what}) is left for another call."
            return LLMResult(outcome="over_budget", exceeded=claimed.exceeded, ledger=claimed.ledger, error=error)
        return LLMResult(outcome="refused", ledger=claimed.ledger)

    # --- before the call ---

    async def _conversation(self, config: RunConfig, facts: ModelFacts) -> View:
        request, transcript = self._request, self._ports.transcript
        stored = await transcript.conversation(self._task_id, before=request.position, since=request.since)
        texts = {i.ref: await transcript.get(self._task_id, i.ref) for i in request.inputs if i.ref is not None}
        memory = await transcript.get(self._task_id, request.summary_ref) if request.summary_ref else None
        conversation = [*stored, *entering(request.inputs, texts)]
        weights = await self._attached.weights(self._task_id, (message.body for message in conversation), facts)
        return View(config, facts, request, conversation, memory, weights)

    async def _model_request(self, config: RunConfig, facts: ModelFacts) -> ModelRequest | LLMResult:
        """What to ask, or what came of the call without asking."""
        compact, reasoning = self._request.purpose == "compact", config.agent.reasoning
        blank = ModelRequest(
            model=self._request.model,
            messages=(),
            tools=offered_tools(config, self._request.without),
            reasoning="off" if compact and reasoning else reasoning,
            max_output=min(config.agent.max_output_tokens, facts.max_output),
            timeout=config.agent.model_timeout,
        )
        if compact:
            return await self._summary_request(config, blank)
        asked = await self._view.fitted(self._ports.model, blank)
        if self._view.too_full:
            return self._view.full()
        shown = await self._attached.shown(self._task_id, asked.messages, facts, self._view.files)
        return asked.model_copy(update={"messages": shown})

    async def _summary_request(self, config: RunConfig, blank: ModelRequest) -> ModelRequest | LLMResult:
        summing = Summing(self._ports, config, self._request, self._view)
        asked = await summing.asked(blank)
        if asked is None:
            return summing.nothing()
        self._summing = summing
        self._view.estimate = await self._ports.model.count(asked)
        return asked

    def _reservation(self, asked: ModelRequest, facts: ModelFacts) -> Reservation:
        return Reservation(
            prompt=self._view.estimate,
            output_cap=asked.max_output,
            facts=facts,
            nanos_limit=self._request.nanos_limit,
            tokens_limit=self._request.tokens_limit,
        )

    async def _claim(self, reserve: Reservation | None) -> Claimed:
        claimed = await self._ports.calls.claim(
            Claim(
                batch=self._request.batch,
                call_id=self._request.call_id,
                attempt=self._attempt,
                kind="model",
                name=self._request.model,
                timeout=0,  # a later attempt takes over at once
                inputs=self._request.inputs,
                reserve=reserve,
            )
        )
        await hint(self._ports.bus, self._request.batch)
        return claimed

    # --- the call ---

    async def _call(self, config: RunConfig, facts: ModelFacts, asked: ModelRequest) -> LLMResult:
        live = live_text(self._ports.bus, self._request, config.agent)
        said, last = Said(asked.model, live), Delta()
        try:
            async for last in self._ports.model.stream(asked):
                said.hear(last)
        except Undigestible as error:
            known = last.model_copy(update={"usage": error.usage, "cost_nanos": error.cost_nanos})
            return await self._unusable(error, *came_to(known, said.all, self._view.estimate, facts))
        except ToolRefused as error:
            return await self._finish(refused(config.tool(error.tool), error), usage=NOTHING)
        except ContextOverflow as error:
            known = last.model_copy(update={"usage": error.usage, "cost_nanos": error.cost_nanos})
            paid = came_to(known, said.all, self._view.estimate, facts) if error.usage or said.all else (NOTHING, None)
            return await self._finish(self._view.refused(error), *paid)
        except ModelError as error:
            return await self._failed("final", error, *self._lost(0, said.all, facts))
        except BrokenAnswer as error:
            known = last.model_copy(update={"usage": error.usage, "cost_nanos": error.cost_nanos})
            lost = self._lost(error.written, said.all, facts)
            lost = came_to(known, said.all, self._view.estimate, facts) if error.usage else lost
            return await self._failed("broken", error, *lost)
        except ModelUnavailable as error:
            return await self._unavailable(error, said.all, facts)
        except asyncio.CancelledError:
            if stopped():
                gone = LLMResult(outcome="failed", error="Stopped while the model was answering.")
                usage = Usage(prompt=self._view.estimate, completion=len(said.all) // 4)
                await asyncio.shield(self._finish(gone, usage, facts.cost(usage.prompt, usage.completion)))
            raise
        except Exception as error:  # nobody foresaw it; unless the answer has said what it cost, all set aside is gone
            told = came_to(last, said.all, self._view.estimate, facts) if last.usage else (None, None)
            return await self._unusable(error, *told)
        await live.close()
        crash_points.reached("model_answered")
        return await self._record(config, facts, said, last, asked)

    def _lost(self, written: int, said: str, facts: ModelFacts) -> tuple[Usage, int | None]:
        """Refused before a word: nothing is owed. Lost in the middle: what had come, by our own count."""
        came = max(written, len(said))
        return estimated(self._view.estimate, came, facts) if came else (NOTHING, 0)

    async def _unavailable(self, error: ModelUnavailable, said: str, facts: ModelFacts) -> LLMResult:
        if said:
            return await self._failed("broken", error, *self._lost(0, said, facts))
        await self._ports.spend.settle(self._task_id, self._attempt, NOTHING, 0)
        await wait_for(error, self._request, self._ports.bus)
        return await self._failed("unavailable", error, NOTHING)

    async def _failed(
        self, failure: Failure, error: Exception, usage: Usage | None, cost_nanos: int | None = None
    ) -> LLMResult:
        return await self._finish(LLMResult(outcome="failed", failure=failure, error=str(error)), usage, cost_nanos)

    # --- after the call ---

    async def _record(
        self, config: RunConfig, facts: ModelFacts, said: Said, last: Delta, asked: ModelRequest
    ) -> LLMResult:
        """Whatever is wrong with an answer: it was paid for, and the same would be answered again."""
        usage, cost = came_to(last, said.all, self._view.estimate, facts)
        if not self._summing and (why := refusal(asked.model, said.text, last)):
            return await self._failed("refusal", ModelError(why), usage, cost)
        whole, thought = clean(said.text), clean(said.thought)
        last, as_text = await self._made(config, whole, last)
        try:
            answered = Answered(config, self._request, whole, thought, last, as_text, asked.max_output)
            result, messages = self._summing.answered(whole, last) if self._summing else answered.digested()
        except Exception as error:
            return await self._unusable(error, usage, cost)
        counted = usage.counted(self._cached_share)
        found: dict[str, Any] = {
            "usage": usage,
            "counted": None if counted == usage.total else counted,
            "cost_nanos": cost,
            "cut": last.finish == "length",
            "finish": last.finish or "stop",
            "output_cap": asked.max_output,
            "alone": config.agent.budget.on_exceeded == "stop",
        }
        found |= {} if self._summing else self._view.answered(usage, messages)
        found["grants"] = await found_grants(self._ports, self._task_id, config.agent, result.calls)
        found["tools_changed"] = await self._ports.tools.changed(config.agent.servers, config.listed)
        return await self._finish(result.model_copy(update=found), usage, cost, messages)

    async def _made(self, config: RunConfig, said: str, last: Delta) -> tuple[Delta, bool]:
        """The answer with its calls, and whether they were written as text."""
        if last.calls or last.finish not in ("stop", "tool_calls") or self._request.purpose != "think":
            return last, False
        if not (written := written_calls(said, config)):
            return last, False
        told = await self._ports.transcript.conversation(self._task_id, before=self._request.position)
        if not are_meant(written, told, config):
            return last, False
        return last.model_copy(update={"calls": as_requested(written, config)}), True

    async def _unusable(self, error: Exception, usage: Usage | None, cost_nanos: int | None) -> LLMResult:
        log.warning("An answer from %s could not be used: %s", self._request.model, type(error).__name__)
        failed = LLMResult(outcome="failed", failure="final", error=unusable(self._request.model, error))
        return await self._finish(failed, usage, cost_nanos)

    async def _finish(
        self,
        result: LLMResult,
        usage: Usage | None = None,
        cost_nanos: int | None = None,
        messages: tuple[Message, ...] = (),
    ) -> LLMResult:
        if self._summing and result.compacted is None:
            result, messages = self._summing.failed(result)
        finished = await self._ports.calls.finish(
            Finish(
                task_id=self._task_id,
                epoch=self._request.batch.epoch,
                call_id=self._request.call_id,
                attempt=self._attempt,
                result=result.model_dump(mode="json"),
                messages=messages,
                usage=usage,
                cost_nanos=cost_nanos,
                cached_share=self._cached_share,
            )
        )
        crash_points.reached("model_recorded")
        return recorded(finished.result, self._request.model).model_copy(update={"ledger": finished.ledger})
