"""What people said and decided, and what was done, read out of a conversation by code."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from threadwork.activities.model_calls.conversation_units import Unit
from threadwork.activities.model_calls.excerpts import head_and_tail
from threadwork.activities.model_calls.file_weights import mentioned
from threadwork.activities.ports.storage import Calls, EventLog, Transcript
from threadwork.activities.tool_calls.builtins import (
    BUILTINS,
    PLAN_ITEMS,
    PLAN_TEXT,
    UpdatePlanArguments,
    parse_arguments,
    resolved,
)
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.approval_events import HumanApprovalReceived
from threadwork.workflows.calls import Message
from threadwork.workflows.errors import NotFound
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.memory import Effect, Record, Said
from threadwork.workflows.models import RequestedCall
from threadwork.workflows.values import digest, preview

ARGUMENTS, OUTPUT = 300, 120  # characters of a call and of its output that are kept
OWN = frozenset({*BUILTINS, "find_tools"})  # tools of ours that change nothing
UNTOLD = "no result was recorded; whether it ran is unknown"
# How results begin or end that the workflow gives in the place of a call that was not to be.
NOT_TO_BE = (
    " denied this call.",
    "Nobody decided in time, which counts as a denial.",
    "Not run; nobody decided on it.",
    "The policy of this agent does not allow ",
)
EVENTS = 500  # read at a time


class Recorder:
    """Reads the turns of one task."""

    def __init__(self, task_id: str, config: RunConfig, transcript: Transcript, calls: Calls, events: EventLog) -> None:
        self._task_id = task_id
        self._config = config
        self._transcript = transcript
        self._calls = calls
        self._events = events

    async def read(self, turns: Sequence[Unit], each: int) -> Record:
        """`each`: characters of one saying at most."""
        record = Record()
        for unit in turns:
            record = record.and_then(await self._unit(unit, each))
        return record

    async def _unit(self, unit: Unit, each: int) -> Record:
        first, *results = unit.messages
        if not unit.spoken:
            return _person(first, each)
        record = Record()
        decisions: list[Event] | None = None
        for given, result in paired(first, results):
            call = self._meant(given)
            name = str(call["function"]["name"])
            if name in OWN:
                record = record.and_then(_own(name, call, result, each))
            elif result is not None and any(words in _content(result) for words in NOT_TO_BE) and not _ran(result):
                text = f"{self._called(name, call)}: {head_and_tail(_content(result), each)}"
                record = record.and_then(Record(said=(Said(kind="decision", text=text),)))
            elif (result is None or _ran(result)) and not self._only_reads(name):
                if decisions is None:
                    decisions = await self._decisions(first)
                record = record.and_then(await self._effect(name, call, result, decisions, each))
        return record

    def _meant(self, call: dict[str, Any]) -> dict[str, Any]:
        """The call as it was run: of the tool behind call_tool."""
        name, arguments = str(call["function"]["name"]), str(call["function"].get("arguments") or "")
        meant = resolved(RequestedCall(id=call["id"], name=name, arguments=arguments), self._config)
        return {**call, "function": {"name": meant.name, "arguments": meant.arguments}}

    async def _effect(
        self, name: str, call: dict[str, Any], result: Message | None, decisions: list[Event], each: int
    ) -> Record:
        if result is None:
            text = f"{self._called(name, call)}: {UNTOLD}"
            return Record(effects=(Effect(tool=self._shown(name), outcome="unknown", text=text),))
        stored = await self._calls.recorded(self._task_id, result.ref.partition(":")[2])
        outcome = str((stored or {}).get("outcome", "unknown"))
        said, as_run = await self._approved(name, call, decisions, each)
        shown = self._called(name, call) if as_run is None else f"{self._shown(name)}({preview(as_run, ARGUMENTS)})"
        text = f"{shown}: {outcome}; {preview(_content(result), OUTPUT)}"
        return Record(said=said, effects=(Effect(tool=self._shown(name), outcome=outcome, text=text),))

    async def _approved(
        self, name: str, call: dict[str, Any], decisions: list[Event], each: int
    ) -> tuple[tuple[Said, ...], str | None]:
        """Who approved the call, and the arguments by which it ran where somebody edited them."""
        for event in decisions:
            if event.data["tool"] != self._shown(name) or event.data["asked"] != _digest(call):
                continue
            decision = HumanApprovalReceived.model_validate(event.data)
            edited = decision.edited_ref and await self._text(decision.edited_ref)
            why = f" Reason: {head_and_tail(decision.reason, each)}" if decision.reason else ""
            how = f" with other arguments: {preview(edited, ARGUMENTS)}." if edited else "."
            text = f"{self._called(name, call)}: {decision.by.shown} approved this call{how}{why}"
            return (Said(kind="decision", text=text),), edited or None
        return (), None

    async def _decisions(self, answer: Message) -> list[Event]:
        """Final approvals of the turn, each with the `tool` and the digest that was `asked` for."""
        after, asked, found = _seq(answer.ref), dict[str, Event](), list[Event]()
        while events := await self._events.read(self._task_id, after=after, limit=EVENTS):
            for event in events:
                if event.type == EventType.HUMAN_APPROVAL_REQUESTED:
                    asked[event.data["approval_id"]] = event
                elif event.type == EventType.HUMAN_APPROVAL_RECEIVED and (
                    request := asked.get(event.data["approval_id"])
                ):
                    about = {"tool": request.data["tool"], "asked": request.data["digest"]}
                    if event.data["decision"] == "approve" and event.data.get("final", True):
                        found.append(event.model_copy(update={"data": {**event.data, **about}}))
                elif event.type == EventType.LLM_CALL_STARTED and event.seq > after + 1:
                    return found  # the next turn
            after = events[-1].seq
        return found

    async def _text(self, ref: str) -> str:
        try:
            return str((await self._transcript.get(self._task_id, ref)).body.get("content", ""))
        except NotFound:
            return ""

    def _only_reads(self, offered: str) -> bool:
        tool = self._config.tool(offered)
        return tool is not None and tool.safe

    def _shown(self, offered: str) -> str:
        tool = self._config.tool(offered)
        return tool.name if tool else offered.replace("__", ".", 1)

    def _called(self, name: str, call: dict[str, Any]) -> str:
        return f"{self._shown(name)}({preview(call['function'].get('arguments') or '', ARGUMENTS)})"


def paired(answer: Message, results: Iterable[Message]) -> list[tuple[dict[str, Any], Message | None]]:
    """Each call with its result. An id that a turn has twice is met in the order of the calls."""
    left = list(results)
    pairs = []
    for call in answer.body.get("tool_calls") or ():
        result = next((r for r in left if r.body.get("tool_call_id") == call["id"]), None)
        if result is not None:
            left.remove(result)
        pairs.append((call, result))
    return pairs


def _person(message: Message, each: int) -> Record:
    text = head_and_tail(mentioned(message.body), each, message.ref)
    match message.kind:
        case "follow_up" | "answer" | "decision":
            return Record(said=(Said(kind=message.kind, text=text),))
    return Record()


def _own(name: str, call: dict[str, Any], result: Message | None, each: int) -> Record:
    if reader := READERS.get(name):
        try:
            return reader(parse_arguments(call["function"].get("arguments") or ""), result, each)
        except (ValueError, KeyError):
            return Record()  # what the model wrote was no such call, and it was told so
    return Record()


def _asked(arguments: dict[str, Any], result: Message | None, each: int) -> Record:
    if result is None or " answered: " not in _content(result):
        return Record()
    text = f"Asked {arguments['question']!r}, {_content(result)}"
    return Record(said=(Said(kind="answer", text=head_and_tail(text, each, result.ref)),))


def _planned(arguments: dict[str, Any], result: Message | None, each: int) -> Record:
    items = UpdatePlanArguments.model_validate(arguments).items[:PLAN_ITEMS]
    steps = [f"- [{step.state}] {preview(step.text, PLAN_TEXT)}" for step in items]
    return Record(plan="\n".join(steps))


READERS: dict[str, Callable[[dict[str, Any], Message | None, int], Record]] = {
    "ask_user": _asked,
    "update_plan": _planned,
}


def _ran(result: Message) -> bool:
    """By an activity; what the workflow says instead of a call is an input."""
    return result.ref.startswith("result:")


def _content(message: Message) -> str:
    return str(message.body.get("content") or "")


def _digest(call: dict[str, Any]) -> str:
    try:
        return digest(parse_arguments(call["function"].get("arguments") or ""))
    except ValueError:
        return ""


def _seq(ref: str) -> int:
    """Of the event with which the call of that ref began; 0 where it names none."""
    number = ref.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0
