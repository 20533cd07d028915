"""The model call: claimed, paid for and recorded once."""

import asyncio
import logging
import uuid
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.agent_config import Configs
from activities.answer import came_to, fitting, proposals, recorded, referred, requested, spoken, text, unusable
from activities.beating import beating, stopped
from activities.builtins import offered_tools
from activities.conversation import entering, prompt, summary_prompt
from activities.dependencies import ActivityDependencies
from activities.events import hint
from activities.live_text import LiveText
from workflows import crash_points
from workflows.agents import RunConfig
from workflows.calls import Claim, Claimed, Finish, Message, Reservation
from workflows.errors import ContextOverflow, ModelError, ModelUnavailable, Undigestible
from workflows.messages import LLMRequest, LLMResult, ProposedCall
from workflows.models import ANSWER, Delta, ModelFacts, ModelRequest
from workflows.texts import clean
from workflows.values import Usage, preview

log = logging.getLogger(__name__)
PATIENCE = 20  # attempts at a model that is unavailable; with growing waits about five minutes
NOTHING = Usage()


class ModelActivities:
    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._configs = Configs(dependencies.runs)

    @activity.defn
    async def call_llm_activity(self, request: LLMRequest) -> LLMResult:
        async with beating():
            return await ModelCall(self._ports, self._configs, request).make()


class ModelCall:
    """One attempt at one call."""

    def __init__(self, ports: ActivityDependencies, configs: Configs, request: LLMRequest) -> None:
        self._ports = ports
        self._configs = configs
        self._request = request
        self._task_id = request.batch.task_id
        self._attempt = uuid.uuid4().hex

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
            return await self._finish(LLMResult(outcome="failed", error=str(error)), usage=NOTHING)
        asked = await self._model_request(config, facts)
        reserve = await self._reservation(asked, facts)
        claimed = await self._claim(reserve)
        if claimed.state == "mine":
            crash_points.reached("model_claimed")
            asked = asked.model_copy(update={"max_output": claimed.output_cap})
            return await self._call(config, facts, asked, reserve.prompt)
        return self._not_mine(claimed)

    def _not_mine(self, claimed: Claimed) -> LLMResult:
        if claimed.state == "done" and claimed.result is not None:
            return recorded(claimed.result, self._request.model)
        if claimed.state == "over_budget":
            what = "dollars" if claimed.exceeded == "usd" else "tokens"
            error = f"What is left of the budget ({what}) does not pay for another call."
            return LLMResult(outcome="over_budget", exceeded=claimed.exceeded, ledger=claimed.ledger, error=error)
        return LLMResult(outcome="refused", ledger=claimed.ledger)

    # --- before the call ---

    async def _model_request(self, config: RunConfig, facts: ModelFacts) -> ModelRequest:
        request = self._request
        stored = await self._ports.transcript.conversation(self._task_id, before=request.position, since=request.since)
        texts = {
            i.ref: await self._ports.transcript.get(self._task_id, i.ref) for i in request.inputs if i.ref is not None
        }
        summary = await self._text(request.summary_ref) if request.summary_ref else None
        messages = prompt(config, [*stored, *entering(request.inputs, texts)], request.since, summary)
        compact = request.purpose == "compact"
        return ModelRequest(
            model=request.model,
            messages=summary_prompt(messages) if compact else messages,
            tools=() if compact else offered_tools(config),
            max_output=min(config.agent.max_output_tokens, facts.max_output),
            timeout=config.agent.model_timeout,
        )

    async def _text(self, ref: str) -> str:
        message = await self._ports.transcript.get(self._task_id, ref)
        return str(message.body.get("content", ""))

    async def _reservation(self, asked: ModelRequest, facts: ModelFacts) -> Reservation:
        return Reservation(
            prompt=await self._ports.model.count(asked),
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

    async def _call(self, config: RunConfig, facts: ModelFacts, asked: ModelRequest, estimate: int) -> LLMResult:
        live = LiveText(self._ports.bus, self._task_id, self._request.call_id, activity.info().attempt)
        said, last = "", Delta()
        try:
            async for last in self._ports.model.stream(asked):
                said += last.text
                live.write(clean(last.text))
                if len(said) > ANSWER:
                    raise Undigestible(f"{asked.model} gave an answer that is too large.")
        except Undigestible as error:
            known = last.model_copy(update={"usage": error.usage, "cost_nanos": error.cost_nanos})
            return await self._unusable(error, *came_to(known, said, estimate, facts))
        except ContextOverflow as error:
            return await self._finish(LLMResult(outcome="overflow", error=str(error)), usage=NOTHING)
        except ModelError as error:
            return await self._finish(LLMResult(outcome="failed", error=str(error)), usage=self._lost(said, estimate))
        except ModelUnavailable as error:
            return await self._unavailable(error, said)
        except asyncio.CancelledError:
            if stopped():
                gone = LLMResult(outcome="failed", error="Stopped while the model was answering.")
                usage = Usage(prompt=estimate, completion=len(said) // 4)
                await asyncio.shield(self._finish(gone, usage, facts.cost(usage.prompt, usage.completion)))
            raise
        except Exception as error:  # nobody foresaw it; unless the answer has said what it cost, all set aside is gone
            told = came_to(last, said, estimate, facts) if last.usage else (None, None)
            return await self._unusable(error, *told)
        await live.close()
        crash_points.reached("model_answered")
        return await self._record(config, facts, said, last, estimate)

    def _lost(self, said: str, estimate: int) -> Usage | None:
        """Refused before a word: nothing is owed. Lost in the middle: the reservation stands in full."""
        return None if said else NOTHING

    async def _unavailable(self, error: ModelUnavailable, said: str) -> LLMResult:
        if activity.info().attempt >= PATIENCE:
            return await self._finish(LLMResult(outcome="failed", error=str(error)), self._lost(said, 0))
        if not said:
            await self._ports.spend.settle(self._task_id, self._attempt, NOTHING, 0)
        delay = None if error.retry_after is None else timedelta(seconds=error.retry_after)
        raise ApplicationError(str(error), type="ModelUnavailable", next_retry_delay=delay) from error

    # --- after the call ---

    async def _record(self, config: RunConfig, facts: ModelFacts, said: str, last: Delta, estimate: int) -> LLMResult:
        """Whatever is wrong with an answer: it was paid for, and the same would be answered again."""
        usage, cost = came_to(last, said, estimate, facts)
        try:
            result, messages = self._digested(config, clean(said), last)
        except Exception as error:
            return await self._unusable(error, usage, cost)
        found = {"usage": usage, "cost_nanos": cost, "window": facts.context_window, "cut": last.finish == "length"}
        changed = await self._ports.tools.changed(config.agent.servers, config.listed)
        found["tools_changed"] = changed
        return await self._finish(result.model_copy(update=found), usage, cost, messages)

    def _digested(self, config: RunConfig, said: str, last: Delta) -> tuple[LLMResult, tuple[Message, ...]]:
        """The result, without what it cost, and the messages it adds. Raises whatever makes it unusable."""
        request = self._request
        ref, calls = f"said:{request.call_id}", []
        messages = [text(ref, said)]
        proposed: tuple[ProposedCall, ...] = ()
        if request.purpose == "think":
            calls = requested(last, request.call_id)
            proposed = proposals(last, calls, request.call_id, config)
            messages = [spoken(said, ref, request.position, calls), *referred(calls, proposed)]
        result = LLMResult(outcome="ok", text=preview(said), ref=ref, calls=proposed)
        return fitting(request.model, result, tuple(messages)), tuple(messages)

    async def _unusable(self, error: Exception, usage: Usage | None, cost_nanos: int | None) -> LLMResult:
        log.warning("An answer of %s could not be used: %s", self._request.model, type(error).__name__)
        failed = LLMResult(outcome="failed", error=unusable(self._request.model, error))
        return await self._finish(failed, usage, cost_nanos)

    async def _finish(
        self,
        result: LLMResult,
        usage: Usage | None = None,
        cost_nanos: int | None = None,
        messages: tuple[Message, ...] = (),
    ) -> LLMResult:
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
            )
        )
        crash_points.reached("model_recorded")
        return recorded(finished.result, self._request.model).model_copy(update={"ledger": finished.ledger})
