"""Tool calls of a run: made, and what became of them told."""

import asyncio
from datetime import timedelta
from itertools import takewhile

from threadwork.workflows import references
from threadwork.workflows.call_events import ToolCallCompleted, ToolCallFailed
from threadwork.workflows.call_requests import Delegate, MCPToolRequest, MCPToolResult
from threadwork.workflows.execution import Execution, Superseded
from threadwork.workflows.model_answers import ask_for_server, ask_people
from threadwork.workflows.run import Run
from threadwork.workflows.state import TurnCall
from threadwork.workflows.values import preview

PARALLEL_CALLS = 16  # tool calls side by side
UNGRANTED = "It was not run yet: its standing permission has ended, so people are asked."
LOST_ATTEMPT_GRACE = timedelta(seconds=60)  # beyond a tool's own time-out, for waiting out a lost attempt


class ToolCalls:
    """Those that an activity runs."""

    def __init__(self, run: Run, execution: Execution) -> None:
        self._run = run
        self._execution = execution

    async def make(self, group: list[TurnCall]) -> None:
        calls = [(entry, self._run.start_tool_call(entry)) for entry in group]
        if len(calls) == 1:
            return await self._make(*calls[0])
        await self._execution.until(
            lambda: self._run.events.drained
        )  # so that the requests need not all carry the same
        tasks = [asyncio.create_task(self._make(entry, call_id)) for entry, call_id in calls]
        await self._execution.wait_uninterrupted(lambda: all(task.done() for task in tasks))
        for task in tasks:
            task.result()
        return None

    async def _make(self, entry: TurnCall, call_id: str) -> None:
        run, tool = self._run, entry.call.tool
        if tool is None:
            raise RuntimeError(f"{entry.call.name} is no tool that an activity runs.")
        timeout, position = run.agent.tool_timeout, run.next_position()
        result = await self._execution.call(
            references.EXECUTE_MCP_TOOL,
            lambda batch: MCPToolRequest(
                batch=batch,
                call_id=call_id,
                config_hash=run.state.config.config_hash,
                tool=tool,
                tool_call_id=entry.call.tool_call_id,
                arguments_ref=entry.arguments_ref,
                digest=entry.digest,
                position=position,
                timeout=timeout,
                asked_ref=entry.asked_ref,
                answer=entry.answer,
                answer_ref=entry.answer_ref,
                queue=entry.queue,
                grant_id=entry.grant.grant_id if entry.grant and not entry.asked_ref else None,
            ),
            timedelta(seconds=2 * timeout) + LOST_ATTEMPT_GRACE,
            entry.queue,
        )
        self._record(entry, call_id, result)

    def _record(self, entry: TurnCall, call_id: str, result: MCPToolResult) -> None:
        if result.outcome == "refused":
            raise Superseded
        self._run.open_calls.pop(call_id)
        self._run.state.tools_changed = self._run.state.tools_changed or result.tools_changed
        shown = preview(result.output)
        if result.outcome == "ungranted":
            return self._ask(entry, call_id)
        if result.outcome == "input_required":
            self._run.emit(
                ToolCallCompleted(call_id=call_id, tool=entry.call.name, output_preview="Its server asks something.")
            )
            return ask_for_server(self._run, entry, result)
        asked = entry.approval_id if self._run.state.parent else None
        if result.outcome == "ok":
            told: ToolCallCompleted | ToolCallFailed = ToolCallCompleted(
                call_id=call_id, tool=entry.call.name, output_preview=shown, files=result.files, approval_id=asked
            )
        else:
            told = ToolCallFailed(
                call_id=call_id,
                tool=entry.call.name,
                output_preview=shown,
                outcome=result.outcome,
                files=result.error_files,
                approval_id=asked,
            )
        self._run.emit(told)
        entry.result = result.digest and f"{result.outcome}:{result.digest}"
        self._run.finish_call(entry)
        return None

    def _ask(self, entry: TurnCall, call_id: str) -> None:
        """Somebody revoked the permission by which it was about to run."""
        self._run.emit(
            ToolCallFailed(call_id=call_id, tool=entry.call.name, output_preview=UNGRANTED, outcome="denied")
        )
        entry.grant = None
        ask_people(self._run, entry)


def ready_group(turn: list[TurnCall]) -> list[TurnCall]:
    """The calls to run next: neighbours that change nothing side by side, any other alone."""
    ready = [call for call in turn if call.state == "ready"]
    if to_delegate := _delegations(ready):
        return to_delegate
    side_by_side: list[TurnCall] = []
    for call in ready[:PARALLEL_CALLS]:
        if not (call.call.tool and call.call.tool.safe):
            break
        side_by_side.append(call)
    return side_by_side or ready[:1]


def _delegations(ready: list[TurnCall]) -> list[TurnCall]:
    """The first calls, as far as they delegate: all of them are started before any is waited for."""
    return list(takewhile(lambda call: isinstance(call.call.builtin, Delegate), ready))
