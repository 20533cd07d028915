"""Asking the model, whatever it takes to get an answer that the run can go on with."""

from datetime import timedelta
from functools import partial
from typing import Literal

from temporalio import workflow

from threadwork.workflows import references, switching
from threadwork.workflows.compaction import compact
from threadwork.workflows.events import LlmCallCompleted, LlmCallFailed
from threadwork.workflows.execution import Execution, Failed, Stopped, Superseded
from threadwork.workflows.memory import SHORTENED, Counted
from threadwork.workflows.messages import LLMRequest, LLMResult
from threadwork.workflows.model_answers import take_answer
from threadwork.workflows.run import Run
from threadwork.workflows.values import NANOS, preview
from threadwork.workflows.waits import Waits


class ModelCalls:
    """The model calls of a run, one after the other."""

    def __init__(self, run: Run, execution: Execution, waits: Waits) -> None:
        self._run = run
        self._execution = execution
        self._waits = waits

    async def think(self) -> bool:
        """Ask the model until it answers. False: the budget does not allow it."""
        if self._run.state.compact_next and not await self._compact():
            return False
        result = await self._ask("think")
        if result is None:
            return False
        take_answer(self._run, result)
        useless = switching.useless(self._run, result)
        if useless and not (result.finish and switching.next_model(self._run, useless)):
            raise Failed(useless)
        return True

    async def _ask(
        self, purpose: Literal["think", "compact"], shortened: int = 0, again: bool = False
    ) -> LLMResult | None:
        """An answer, whatever it takes: more budget, a shorter conversation, another model. None: no budget."""
        compacted = purpose == "compact"
        while True:
            await self._waits.while_paused()
            result = await self._call(purpose, shortened, again)
            match result.outcome:
                case "ok":
                    self._run.state.broken_answers = 0
                    return result
                case "over_budget":
                    if not await self._waits.more_budget():
                        return None
                case "overflow" if _is_refused(result) and switching.roomier_model(self._run, result.error):
                    shortened = 0
                case "overflow" if result.too_long:
                    shortened += 1
                    if not await self._shorten(result, shortened):
                        return None
                case "overflow" if not compacted and not result.compacted:
                    compacted = True
                    if not await self._compact():
                        return None
                case "failed" if self._run.do_without(result.refused_tool):
                    continue
                case "overflow" if self._run.state.config.windows and switching.next_model(self._run, result.error):
                    continue
                case "failed" if result.failure == "broken" and (seconds := switching.try_again(self._run)):
                    await self._execution.until(lambda: False, workflow.now() + timedelta(seconds=seconds))
                case "failed" if switching.next_model(self._run, result.error if result.failure else ""):
                    continue
                case "refused":
                    raise Superseded
                case _ if result.compacted:
                    return result
                case _:
                    raise Failed(result.error)

    async def _call(self, purpose: Literal["think", "compact"], shortened: int, again: bool = False) -> LLMResult:
        run, state = self._run, self._run.state
        await self._execution.until(lambda: not run.events.crowded)
        call_id = run.start_model_call()
        inputs = run.place_inputs()
        position = run.next_position()
        try:
            result = await self._execution.call(
                references.CALL_LLM,
                lambda batch: LLMRequest(
                    batch=batch,
                    call_id=call_id,
                    config_hash=state.config.config_hash,
                    model=run.model,
                    purpose=purpose,
                    inputs=inputs,
                    position=position,
                    since=state.since,
                    summary_ref=state.summary_ref,
                    nanos_limit=state.budget.nanos_for_calls,
                    tokens_limit=state.budget.tokens_for_calls,
                    others=switching.others(run),
                    counted=state.counted,
                    window=state.window,
                    shortened=shortened,
                    again=again,
                    without=tuple(state.refused_tools),
                ),
            )
        except Stopped:
            state.inputs[:0] = inputs  # perhaps not stored yet: the next call takes them along again
            raise
        self._record(call_id, result)
        if result.tallied:
            state.counted = Counted(before=position, tokens=result.tallied)
        state.tools_changed = state.tools_changed or result.tools_changed
        return result

    def _record(self, call_id: str, result: LLMResult) -> None:
        run = self._run
        name, _ = run.open_calls.pop(call_id)
        if result.outcome == "ok":
            cost = None if result.cost_nanos is None else result.cost_nanos / NANOS
            run.emit(
                LlmCallCompleted(
                    call_id=call_id,
                    model=name,
                    usage=result.usage,
                    cost_usd=cost,
                    text=preview(result.text),
                    thinking=preview(result.thinking) or None,
                    thinking_ref=result.thinking_ref,
                    counted=result.counted,
                )
            )
        else:
            error = preview(result.error or result.outcome)
            problem = error if result.refused_tool else None
            run.emit(LlmCallFailed(call_id=call_id, model=name, error=error, problem=problem))
        if result.outcome != "refused":
            run.emit(*run.state.budget.adopt(result.ledger))
        if result.exceeded:
            run.emit(*run.state.budget.refuse(result.exceeded))

    async def _shorten(self, result: LLMResult, times: int) -> bool:
        """Make a conversation shorter that its model does not take. False: the budget does not allow it."""
        if times > SHORTENED:
            if switching.next_model(self._run, result.error):
                return True
            raise Failed(
                f"{result.error} Shortened {SHORTENED} times, it still is: choose a model with a larger window."
            )
        self._run.state.window = result.window
        return result.too_long != "turns" or await self._compact(times)

    async def _compact(self, shortened: int = 0) -> bool:
        return await compact(self._run, partial(self._ask, "compact"), shortened)


def _is_refused(result: LLMResult) -> bool:
    """Whether the model itself said that the conversation is too long, rather than we."""
    return result.compacted is None and not result.unasked
