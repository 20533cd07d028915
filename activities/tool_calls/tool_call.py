"""The tool call: claimed and recorded once, and at most once made where it cannot be repeated."""

import asyncio
import logging
import uuid
from typing import Any

from temporalio import activity

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.events import hint
from threadwork.activities.heartbeat import heartbeating, stopped
from threadwork.activities.run_configs import Configs
from threadwork.activities.tool_calls.builtins import parse_arguments
from threadwork.activities.tool_calls.claimed_elsewhere import UNKNOWN_OUTCOME, outlive
from threadwork.activities.tool_calls.elicitation import ROUNDS, Asking, Wrong, answer, asking, question, unasked
from threadwork.activities.tool_calls.held_calls import HeldCalls
from threadwork.activities.tool_calls.live_progress import showing
from threadwork.activities.tool_calls.reading_tools import ReadingTools
from threadwork.activities.tool_calls.tool_output import bounded, shown_output
from threadwork.workflows import crash_points, files
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.call_requests import MCPToolRequest, MCPToolResult
from threadwork.workflows.calls import Claim, Claimed, Finish, Message, file_messages
from threadwork.workflows.errors import NotHeld, Unsendable
from threadwork.workflows.event_types import Outcome
from threadwork.workflows.hidden import marked, objection
from threadwork.workflows.models import ToolOutput
from threadwork.workflows.texts import clean, cleaned
from threadwork.workflows.values import digest, preview

log = logging.getLogger(__name__)
PACE = 0.2  # seconds before a server that asked nothing of people is asked again
NOT_OPENED = "{tool} did not run: people were asked to open a page that it needs, and nobody did."
NO_FILES = ToolOutput(text="")
ASKED_AGAIN = "Its call was lost, so this is asked again."


class ToolActivities:
    """Activities that call tools: claim the call, run it, store its output."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._configs = Configs(dependencies.runs)
        self._held = HeldCalls(dependencies.tasks, dependencies.tools)

    @activity.defn
    async def execute_mcp_tool_activity(self, request: MCPToolRequest) -> MCPToolResult:
        async with heartbeating():
            return await ToolCall(self._ports, self._configs, self._held, request).make()

    def close(self) -> None:
        self._held.close()


class ToolCall:
    """One attempt at one call."""

    def __init__(self, ports: ActivityDependencies, configs: Configs, held: HeldCalls, request: MCPToolRequest) -> None:
        self._ports = ports
        self._configs = configs
        self._held = held
        self._request = request
        self._task_id = request.batch.task_id
        self._attempt = uuid.uuid4().hex
        self._asking: Asking | None = None  # what its server asked in the middle
        self._queue = request.queue or ports.own_queue  # where the call is held open, if it is
        self._again = ""  # why people are asked what they have answered

    async def make(self) -> MCPToolResult:
        if activity.info().attempt > 1:  # a first attempt finds out when it claims
            recorded = await self._ports.calls.recorded(self._task_id, self._request.call_id)
            if recorded is not None:
                return MCPToolResult.model_validate(cleaned(recorded))
        claimed = await self._claim()
        match claimed.state:
            case "mine":
                crash_points.reached("tool_claimed")
                return await self._call()
            case "done":
                return MCPToolResult.model_validate(cleaned(claimed.result))
            case "taken":
                return await self._wait_out(claimed)
        return MCPToolResult(outcome="ungranted" if claimed.state == "ungranted" else "refused")

    async def _claim(self) -> Claimed:
        request = self._request
        claimed = await self._ports.calls.claim(
            Claim(
                batch=request.batch,
                call_id=request.call_id,
                attempt=self._attempt,
                kind="tool",
                name=request.tool.name,
                timeout=request.timeout,
                repeatable=request.tool.repeatable,
                grant_id=request.grant_id,
            )
        )
        await hint(self._ports.bus, request.batch)
        return claimed

    async def _wait_out(self, claimed: Claimed) -> MCPToolResult:
        recorded = await outlive(self._ports.calls, self._task_id, self._request.call_id, claimed)
        if recorded is not None:
            return MCPToolResult.model_validate(cleaned(recorded))
        return await self._finish("unknown", UNKNOWN_OUTCOME)

    async def _call(self) -> MCPToolResult:
        try:
            if self._request.asked_ref and (unanswered := await self._answered(self._request.asked_ref)):
                return unanswered
            arguments = self._approved(await self._text(self._request.arguments_ref))
            if arguments is None:
                return await self._finish("error", "Not run: these are not the arguments that were approved.")
            if hidden := "" if self._request.tool.builtin else marked(arguments):
                return await self._finish("error", objection(self._request.tool.name, hidden))
            output = await self._run(arguments)
            while output.asked is not None:
                self._asking, self._queue = asking(output.asked, self._asking), self._ports.own_queue
                if self._asking.rounds > ROUNDS:
                    await self._let_go(self._asking)
                    return await self._finish(
                        "error", f"{self._request.tool.name} asked people more than {ROUNDS} times in one call."
                    )
                if self._asking.next is not None:
                    return await self._ask(self._asking, self._again)
                await asyncio.sleep(PACE)  # declined here, or the server wants to be asked again
                output = await self._run_elsewhere(self._request.tool, arguments)
        except asyncio.CancelledError:
            if self._asking:
                await asyncio.shield(self._let_go(self._asking))
            if stopped() or not self._request.tool.repeatable:
                await asyncio.shield(self._finish("unknown", UNKNOWN_OUTCOME))
            raise
        except Wrong as wrong:
            assert self._asking is not None
            return await self._ask(self._asking, str(wrong))
        except TimeoutError:
            return await self._interrupted(f"No answer within {self._request.timeout:g} s.")
        except ConnectionError as error:
            return await self._interrupted(str(error))
        crash_points.reached("tool_ran")
        told = (output.text or "(no output)") + unasked(self._server, self._asking)
        return await self._finish("error" if output.is_error else "ok", told, output)

    async def _answered(self, ref: str) -> MCPToolResult | None:
        """Takes in what a person answered. A result: something is left to be asked. Raises `Wrong`."""
        request = self._request
        self._asking = Asking.model_validate_json(await self._text(ref))
        key = self._asking.next
        if key is not None:
            said = await self._text(request.answer_ref) if request.answer_ref else request.answer
            self._asking.answers[key] = answer(self._asking.requests[key], said)
        return await self._ask(self._asking) if self._asking.next is not None else None

    async def _ask(self, waits: Asking, wrong: str = "") -> MCPToolResult:
        """The call ends here, and goes on as another when people have answered."""
        ref = f"asked:{self._request.call_id}"
        asked = question(self._server, waits.requests[waits.next or ""], wrong)
        queue = self._queue if waits.held else None
        result = MCPToolResult(
            outcome="input_required", question=asked.text, options=asked.options, asked_ref=ref, queue=queue
        )
        kept = Message(ref=ref, kind="text", body={"content": waits.model_dump_json()})
        try:
            recorded = await self._record(result, (kept,))
        except BaseException:
            await asyncio.shield(self._let_go(waits))
            raise
        if recorded != MCPToolResult.model_validate(
            cleaned(result.model_dump(mode="json"))
        ):  # another attempt was faster
            await self._let_go(waits)
        elif waits.held:
            self._held.wait(self._task_id, self._request.tool, waits.state or "")
        return recorded

    async def _let_go(self, waits: Asking) -> None:
        if waits.held:
            await self._ports.tools.release(self._request.tool, waits.state or "")

    @property
    def _server(self) -> str:
        return self._request.tool.name.partition(".")[0]

    def _approved(self, text: str) -> dict[str, Any] | None:
        """The arguments, unless they are others than those that were asked for."""
        try:
            arguments = parse_arguments(text)
            return arguments if digest(arguments) == self._request.digest else None
        except ValueError:
            return None

    async def _interrupted(self, what: str) -> MCPToolResult:
        """It was sent, and no answer came."""
        if self._request.tool.repeatable:
            return await self._finish("error", what)
        return await self._finish("unknown", f"{what} {UNKNOWN_OUTCOME}")

    async def _run(self, arguments: dict[str, Any]) -> ToolOutput:
        tool = self._request.tool
        if not tool.builtin:
            return await self._run_elsewhere(tool, arguments)
        config = await self._configs.get(self._request.config_hash)
        return await ReadingTools(self._ports.transcript, self._task_id, config).run(tool.name, arguments)

    async def _run_elsewhere(self, tool: ToolSpec, arguments: dict[str, Any]) -> ToolOutput:
        """Raises `TimeoutError`, and `ConnectionError` for everything that leaves open whether it ran."""
        if self._asking and self._asking.over:
            if self._asking.refused:
                return ToolOutput(text=NOT_OPENED.format(tool=tool.name), is_error=True)
            self._asking = self._asking.anew()
        given = self._asking.given if self._asking else None
        if given and given.held:
            self._held.go_on(given.state or "")
        try:
            async with asyncio.timeout(self._request.timeout):
                async with showing(self._ports.bus, self._task_id, self._request.call_id, tool.name) as progress:
                    return await self._ports.tools.call(
                        tool, arguments, self._request.timeout, given, progress, self._task_id
                    )
        except Unsendable as refused:
            assert self._asking is not None
            kept = {key: said for key, said in self._asking.answers.items() if said.get("action") != "accept"}
            self._asking.answers = kept
            raise Wrong(str(refused)) from None
        except NotHeld as lost:
            if not tool.repeatable or self._asking is None:
                raise ConnectionError(str(lost)) from None
            self._asking, self._again = self._asking.anew(), ASKED_AGAIN
        except (TimeoutError, ConnectionError):
            raise
        except Exception as error:  # nobody foresaw it, and the same call would meet it again
            log.warning("A call to %s could not be understood: %s", tool.name, type(error).__name__)
            raise ConnectionError(f"The answer from {tool.name} could not be understood.") from error
        return await self._run_elsewhere(tool, arguments)

    async def _text(self, ref: str) -> str:
        message = await self._ports.transcript.get(self._task_id, ref)
        return str(message.body["content"])

    async def _tools_changed(self) -> bool:
        """A call may bring other tools: the next question to the model is to offer them."""
        if self._request.tool.builtin:
            return False
        config = await self._configs.get(self._request.config_hash)
        return await self._ports.tools.changed([self._server], config.listed)

    async def _finish(self, outcome: Outcome, output: str, came: ToolOutput = NO_FILES) -> MCPToolResult:
        request = self._request
        changed = await self._tools_changed()
        named = files.returned(came.files, came.left_out)
        output = bounded(clean(output))
        output_ref = f"output:{request.call_id}"
        shown = shown_output(output, output_ref)
        body: dict[str, Any] = {"role": "tool", "tool_call_id": request.tool_call_id, "content": shown}
        read = files.for_models(named)
        body |= {files.FILES: [file.model_dump() for file in read]} if read else {}
        message = Message(ref=f"result:{request.call_id}", kind="tool", body=body, position=request.position)
        whole = Message(ref=output_ref, kind="text", body={"content": output})
        result = MCPToolResult(
            outcome=outcome,
            output=preview(output),
            digest=digest(output),
            files=tuple(named) if outcome == "ok" else (),
            error_files=tuple(named) if outcome != "ok" else (),
            tools_changed=changed,
        )
        told = (message, whole) if shown != output else (message,)
        return await self._record(result, (*told, *file_messages(named, came.files)))

    async def _record(self, result: MCPToolResult, messages: tuple[Message, ...]) -> MCPToolResult:
        request = self._request
        finished = await self._ports.calls.finish(
            Finish(
                task_id=self._task_id,
                epoch=request.batch.epoch,
                call_id=request.call_id,
                attempt=self._attempt,
                result=result.model_dump(mode="json"),
                messages=messages,
            )
        )
        crash_points.reached("tool_recorded")
        return MCPToolResult.model_validate(cleaned(finished.result))
