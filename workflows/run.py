"""A run in memory: its state, its events and the rules that need no Temporal."""

from collections.abc import Callable
from datetime import datetime

from threadwork.workflows import delegation
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.approval_events import HumanApprovalSuperseded
from threadwork.workflows.call_events import LlmCallFailed, LlmCallStarted, ToolCallFailed, ToolCallStarted
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.delegation import Parent
from threadwork.workflows.event_types import Payload
from threadwork.workflows.memory import Compacted
from threadwork.workflows.outbox import EventManager, InFlight
from threadwork.workflows.run_requests import AgentConfigResult, BeginRunResult, EventBatch, Input
from threadwork.workflows.state import RunState, TurnCall
from threadwork.workflows.values import Status, Termination, preview

REFUSED_TOOLS = 20  # tools of a run that a provider may refuse, each at the price of one more request
END_STATUS = {Termination.CANCELLED: Status.CANCELLED, Termination.FAILED: Status.FAILED}


class Run:
    """What the workflow and the signals of people do to the state."""

    def __init__(self, state: RunState, clock: Callable[[], datetime]) -> None:
        self.state = state
        self.now = clock
        self.events = EventManager(state.outbox, clock)
        # call_id: (tool or model, is a tool). Not part of the state: a run continues as new only between calls.
        self.open_calls: dict[str, tuple[str, bool]] = {}

    # --- what it is ---

    @property
    def agent(self) -> AgentSpec:
        """Raises `RuntimeError` before the configuration is known."""
        if self.state.config.agent is None:
            raise RuntimeError("The run has no configuration yet.")
        return self.state.config.agent

    @property
    def model(self) -> str:
        return (self.agent.model, *self.agent.fallback_models)[self.state.model_index]

    @property
    def status(self) -> Status:
        state = self.state
        if state.ended:
            return END_STATUS.get(state.ended, Status.COMPLETED)
        if state.paused:
            return Status.PAUSED
        if state.budget_deadline:
            return Status.WAITING_BUDGET
        if state.approvals.pending:
            return Status.WAITING_APPROVAL
        if self.open_question:
            return Status.WAITING_ANSWER
        if waiting := state.family.waits:
            return waiting
        return Status.RUNNING if state.epoch else Status.QUEUED

    @property
    def open_question(self) -> TurnCall | None:
        return next((call for call in self.state.turn if call.question_id and call.state == "asking"), None)

    @property
    def away(self) -> bool:
        """A delegated task is at work on a call of the turn."""
        return any(call.state == "away" for call in self.state.turn)

    @property
    def doing(self) -> str:
        """What goes on right now, for who delegated this."""
        if self.state.ended or not self.open_calls:
            return ""
        name, is_tool = next(reversed(self.open_calls.values()))
        return f"Running {name}" if is_tool else "Thinking"

    @property
    def asking(self) -> bool:
        """Somebody must decide or answer before the turn goes on."""
        return any(call.state == "asking" for call in self.state.turn)

    def working_seconds(self) -> float:
        """Seconds of work since the run began or went on, without the waits for people."""
        began = self.state.work_began_at or self.now()
        return (self.now() - began).total_seconds() - self.state.waited

    # --- what happens to it ---

    def emit(self, *payloads: Payload) -> None:
        """Number the events and put them into the outbox. A parent's run is told of what concerns it."""
        for payload in payloads:
            self.events.emit(payload, self.state.iteration)
            if self.state.parent:
                agent = self.state.config.agent
                delegation.note(self.state.parent, payload, agent is None or agent.budget.on_exceeded == "ask")

    def batch(self, in_flight: InFlight) -> EventBatch:
        return EventBatch(
            task_id=self.state.outbox.task_id, epoch=self.state.epoch, status=self.status, events=in_flight.events
        )

    def load(self, begun: BeginRunResult) -> None:
        """Take over where the database says the task stands."""
        state = self.state
        state.epoch, state.iteration, state.position = begun.epoch, begun.iteration, begun.position
        state.outbox.last_seq = state.outbox.acknowledged = state.rendered_seq = begun.last_seq
        state.goal, state.goal_ref = begun.goal, begun.goal_ref
        state.requester = begun.requester or state.requester
        state.since, state.summary_ref = begun.since, begun.summary_ref
        state.approvals.asked, state.questions_asked = begun.approvals, begun.questions
        state.approvals.granted = list(begun.granted_tools)
        state.follow_up_ids = list(begun.follow_up_ids)
        state.inputs = [Input(position=0, kind="follow_up", ref=ref) for ref in begun.unread]
        state.parent = Parent(task_id=begun.parent) if begun.parent else None
        state.depth = begun.depth
        for child_id in begun.open_children:
            state.family.stop(child_id, "The run that asked for this has ended.")

    def allow_work(self) -> None:
        """Give the run its allowance of iterations and time, at the start and after every wake."""
        self.state.iteration_limit = self.state.iteration + self.agent.budget.iterations
        self.state.work_began_at, self.state.waited = self.now(), 0

    def reopen(self) -> None:
        """Forget how the work ended; what is left of the budget stays."""
        state = self.state
        state.ended, state.woken, state.stop, state.goal_achieved = None, False, None, False
        state.answer, state.answer_ref, state.turn, state.iteration_open = "", None, [], False
        state.budget_deadline, state.idle_answers, state.model_index = None, 0, 0
        state.cut_answers = state.broken_answers = 0
        state.loops.forget()
        state.counted, state.window = None, 0
        if state.parent:
            state.parent.end_told = False

    def start_model_call(self) -> str:
        """Returns the call's id, `{epoch}.{number of its first event}`. Emits `llm_call.started`."""
        call_id = self._next_call_id()
        self.open_calls[call_id] = (self.model, False)
        self.emit(LlmCallStarted(call_id=call_id, model=self.model, because=self.state.because or None))
        self.state.because = ""
        return call_id

    def start_tool_call(self, call: TurnCall) -> str:
        """Returns the call's id, `{epoch}.{number of its first event}`. Emits `tool_call.started`."""
        call_id = self._next_call_id()
        self.open_calls[call_id] = (call.call.name, True)
        self.emit(
            ToolCallStarted(
                call_id=call_id,
                tool=call.call.name,
                arguments_preview=preview(call.call.arguments_preview),
                digest=call.digest,
                granted_by=call.grant.by if call.grant else None,
                grant_id=call.grant.grant_id if call.grant else None,
            )
        )
        return call_id

    def take_tools(self, found: AgentConfigResult) -> None:
        """Go on with the tools there are now. What was approved for the task is asked for again where it got worse."""
        state = self.state
        state.tools_changed = False
        if found.error:
            return
        state.config = found
        state.approvals.granted = [name for name in state.approvals.granted if name not in found.worse]
        if found.news:
            self.tell_model(found.news)

    def lose_open_calls(self, why: str) -> None:
        """Calls that did not come back before the run ended: nobody knows what they did.

        Emits `tool_call.failed` with the outcome `unknown`, or `llm_call.failed`, for each."""
        for call_id, (name, is_tool) in self.open_calls.items():
            self.emit(
                ToolCallFailed(call_id=call_id, tool=name, output_preview=why, outcome="unknown")
                if is_tool
                else LlmCallFailed(call_id=call_id, model=name, error=why)
            )
        self.open_calls.clear()

    def tell_model(self, text: str, call: ProposedCall | None = None) -> None:
        """Put a short text before the model: the result of a call, or a note."""
        self.state.inputs.append(
            Input(
                position=0,
                kind="tool" if call else "note",
                text=text,
                tool_call_id=call.tool_call_id if call else None,
            )
        )

    def place_inputs(self) -> tuple[Input, ...]:
        """Give the waiting inputs their places: results first, as providers demand, then what people said."""
        placed = []
        for waiting in sorted(self.state.inputs, key=lambda i: (not i.position, i.kind != "tool")):
            position = waiting.position or self.next_position()
            placed.append(waiting.model_copy(update={"position": position}))
        self.state.inputs.clear()
        return tuple(placed)

    def next_position(self) -> int:
        """Take the next free place in the conversation, counted from 1."""
        self.state.position += 1
        return self.state.position - 1

    def remember(self, compacted: Compacted) -> bool:
        """What stood before now stands in a summary. False: nothing has changed."""
        state = self.state
        if compacted.ref is None or compacted.since <= state.since:
            return False
        state.since, state.summary_ref, state.counted = compacted.since, compacted.ref, None
        return True

    def do_without(self, tool: str) -> bool:
        """Offer a tool no more that the provider refused. False: that would not help."""
        if not tool or tool in self.state.refused_tools or len(self.state.refused_tools) >= REFUSED_TOOLS:
            return False
        self.state.refused_tools.append(tool)
        self.tell_model(f"{tool} is not available: the model's provider does not take it. Do without it.")
        return True

    def achieve(self, answer: str, ref: str | None) -> None:
        self.state.goal_achieved, self.state.answer, self.state.answer_ref = True, preview(answer), ref

    @property
    def people_spoke(self) -> bool:
        """People said something, or decided otherwise, since the model last spoke, that is to be heard before an answer
        of its is told. Under the second rules a line waits: it is read once the answer is told."""
        answered = any(call.question_id and not call.asked_ref for call in self.state.turn)
        first = ("follow_up", "answer") if self.state.line_rules < 2 else ("answer",)
        return answered or any(i.kind in first for i in self.state.inputs)

    @property
    def unread(self) -> bool:
        """Lines that the model has not read wait for the answer to be told."""
        return self.state.line_rules >= 2 and any(i.kind == "follow_up" for i in self.state.inputs)

    def goal_stands(self) -> bool:
        """Whether the goal is achieved, also in view of what people said since the model answered."""
        if self.state.goal_achieved and self.people_spoke:
            self.state.goal_achieved, self.state.answer, self.state.answer_ref = False, "", None
            self.tell_model("Your answer was not delivered: a new message came in. Answer both.")
        return self.state.goal_achieved

    def supersede_earlier(self, approval_ids: tuple[str, ...]) -> None:
        """Withdraw approvals that an earlier run had left open. Emits `human_approval.superseded` for each."""
        for approval_id in approval_ids:
            self.emit(HumanApprovalSuperseded(approval_id=approval_id, reason="The run that asked has ended."))

    def withdraw(self, reason: str) -> None:
        """Supersede what people have not decided, and tell the model. Emits `human_approval.superseded` for each."""
        self.emit(*self.state.approvals.supersede(reason))
        for call in self.state.turn:
            if call.state == "asking" and call.asked_ref:
                self.finish_call(call, f"Its server asked something that nobody answered, so it did not end. {reason}")
            elif call.state == "asking" and call.approval_id:
                self.finish_call(call, f"Not run; nobody decided on it. {reason}")

    def deny(self, call: TurnCall, why: str) -> None:
        """The model is told why. Emits `tool_call.failed` with the outcome `denied`."""
        call.result = "denied"
        self.emit(ToolCallFailed(tool=call.call.name, output_preview=preview(why), outcome="denied"))
        self.finish_call(call, why)

    def fail_call(self, call: TurnCall, why: str) -> None:
        """A call that was never started. Emits `tool_call.failed` with the outcome `error`."""
        self.emit(ToolCallFailed(tool=call.call.name, output_preview=preview(why)))
        self.finish_call(call, why)

    def finish_call(self, call: TurnCall, told: str | None = None) -> None:
        call.state = "done"
        if told is not None:
            self.tell_model(told, None if call.by_guard else call.call)

    def _next_call_id(self) -> str:
        return f"{self.state.epoch}.{self.events.last_seq + 1}"
