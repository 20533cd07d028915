"""The model call: claimed, paid for and recorded once."""

import asyncio
import uuid
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.agent_config import Configs
from activities.beating import beating, stopped
from activities.builtins import offered_tools, parse_arguments, propose
from activities.conversation import entering, prompt, summary_prompt
from activities.dependencies import ActivityDependencies
from activities.events import hint
from activities.live_text import LiveText
from workflows import crash_points
from workflows.agents import RunConfig
from workflows.calls import Claim, Claimed, Finish, Message, Reservation
from workflows.errors import ContextOverflow, ModelError, ModelUnavailable
from workflows.messages import CompleteTask, LLMRequest, LLMResult, ProposedCall
from workflows.models import Delta, ModelFacts, ModelRequest, RequestedCall
from workflows.values import Usage, preview

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
            recorded = await self._ports.calls.recorded(self._task_id, self._request.call_id)
            if recorded is not None:
                return LLMResult.model_validate(recorded)
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
            return LLMResult.model_validate(claimed.result)
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
        said = ""
        try:
            async for delta in self._ports.model.stream(asked):
                said += delta.text
                live.write(delta.text)
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
        await live.close()
        crash_points.reached("model_answered")
        return await self._record(config, facts, said, delta)

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

    async def _record(self, config: RunConfig, facts: ModelFacts, said: str, last: Delta) -> LLMResult:
        usage = last.usage or NOTHING
        ref = f"said:{self._request.call_id}"
        result = LLMResult(
            outcome="ok",
            text=preview(said),
            ref=ref,
            usage=usage,
            cost_nanos=last.cost_nanos,
            window=facts.context_window,
            cut=last.finish == "length",
        )
        if self._request.purpose == "compact":
            summary = Message(ref=ref, kind="text", body={"content": said})
            return await self._finish(result, usage, last.cost_nanos, (summary,))
        calls = _distinct(last.calls, self._request.call_id)
        refs = [f"arguments:{self._request.call_id}:{number}" for number in range(len(calls))]
        proposed = tuple(propose(call, ref, config) for call, ref in zip(calls, refs, strict=True))
        result = result.model_copy(update={"calls": proposed})
        return await self._finish(result, usage, last.cost_nanos, self._messages(said, ref, calls, proposed))

    def _messages(
        self, said: str, ref: str, calls: list[RequestedCall], proposed: tuple[ProposedCall, ...]
    ) -> tuple[Message, ...]:
        """What the model said, as a message of the conversation, and the texts that are referred to."""
        body: dict[str, object] = {"role": "assistant", "content": said}
        if calls:
            body["tool_calls"] = [_wire(call) for call in calls]
        spoken = Message(ref=ref, kind="assistant", body=body, position=self._request.position)
        texts = [_text(p.arguments_ref, call.arguments) for call, p in zip(calls, proposed, strict=True)]
        answers = [
            _text(p.builtin.answer_ref, str(parse_arguments(call.arguments)["answer"]))
            for call, p in zip(calls, proposed, strict=True)
            if isinstance(p.builtin, CompleteTask)
        ]
        return (spoken, *texts, *answers)

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
        return LLMResult.model_validate(finished.result).model_copy(update={"ledger": finished.ledger})


def _distinct(calls: tuple[RequestedCall, ...], call_id: str) -> list[RequestedCall]:
    """Calls with ids of their own: some models leave them out, or give one twice."""
    seen: set[str] = set()
    distinct = []
    for number, call in enumerate(calls):
        own = call.id if call.id and call.id not in seen else f"call_{call_id.replace('.', '_')}_{number}"
        seen.add(own)
        distinct.append(call.model_copy(update={"id": own}))
    return distinct


def _wire(call: RequestedCall) -> dict[str, object]:
    """A call as it goes back to the provider, who may insist on arguments that are a JSON object."""
    try:
        parse_arguments(call.arguments)
        arguments = call.arguments or "{}"
    except ValueError:
        arguments = "{}"
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _text(ref: str, content: str) -> Message:
    return Message(ref=ref, kind="text", body={"content": content})
