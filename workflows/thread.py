"""The thread as a pure projection: events → the cards that every surface renders."""

from collections.abc import Callable
from typing import Any

from workflows import events as e
from workflows.cards import (
    THINKING,
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    ChildLine,
    End,
    FileCard,
    NoticeCard,
    QuestionCard,
    StatusCard,
    ThreadView,
)
from workflows.events import Event, EventType
from workflows.values import Status, Termination

LOG_LINES = 5  # activities the status card shows
CHILDREN = 10  # delegated tasks the status card knows; people are shown those at work
ENDS = 5  # ends of runs that are kept


def apply(view: ThreadView, event: Event) -> ThreadView:
    """The view after one more event. Events at or before `view.seq` change nothing."""
    if event.seq <= view.seq:
        return view
    fold = Fold(view, event)
    step = STEPS.get(event.type)
    if step:
        step(fold, event.payload())
    return fold.result()


class Fold:
    """One step: the view that comes out of it, as it is being made."""

    def __init__(self, view: ThreadView, event: Event) -> None:
        self.event = event
        self._view = view
        self._status = view.status
        self._cards: dict[str, Card] = {card.key: card for card in view.cards}
        self._paused = view.paused
        self._ends = view.ends
        self._unreachable = view.unreachable

    def result(self) -> ThreadView:
        status = self._status.model_copy(update={"iteration": self.event.iteration, "status": self._where()})
        return self._view.model_copy(
            update={
                "seq": self.event.seq,
                "status": status,
                "cards": tuple(self._cards.values()),
                "paused": self._paused,
                "ends": self._ends,
                "unreachable": self._unreachable,
            }
        )

    # --- what steps do ---

    @property
    def status(self) -> StatusCard:
        return self._status

    def head(self, **changes: Any) -> None:
        self._status = self._status.model_copy(update=changes)

    def log(self, line: str) -> None:
        self.head(log=(*self._status.log, line)[-LOG_LINES:])

    def put(self, card: Card) -> None:
        self._cards[card.key] = card

    def change(self, key: str, **changes: Any) -> None:
        """Edit a card that is there; an event about one that is not changes nothing."""
        if card := self._cards.get(key):
            self._cards[key] = card.model_copy(update=changes)

    def stopped(self, sink: str) -> None:
        """Nothing more is said in this sink."""
        self._unreachable = {**self._unreachable, sink: self.event.seq}

    def card(self, key: str) -> Card | None:
        return self._cards.get(key)

    def of(self, kind: type[Card]) -> list[Any]:
        return [card for card in self._cards.values() if isinstance(card, kind)]

    def pause(self, paused: bool) -> None:
        self._paused = paused

    def close(self) -> None:
        """The run is over: nothing waits for people any more."""
        self._paused = False
        for card in self._cards.values():
            if isinstance(card, QuestionCard) and card.state == "open":
                self.change(card.key, state="superseded")
            if isinstance(card, BudgetCard) and card.state == "exceeded":
                self.change(card.key, state="closed")

    def child_ended(self, child: str) -> None:
        """What a delegated task asked is not waited for any more."""
        for card in self._cards.values():
            if isinstance(card, QuestionCard) and card.child_task_id == child and card.state == "open":
                self.change(card.key, state="superseded")
            if isinstance(card, BudgetCard) and card.child == child and card.state == "exceeded":
                self.change(card.key, state="closed")

    def end(self, **end: Any) -> None:
        ended = End.model_validate({"key": f"end:{self.event.seq}", **end})
        self._ends = (*self._ends, ended)[-ENDS:]

    def go_on(self) -> None:
        """No end was the last one."""
        self._ends = tuple(end.model_copy(update={"went_on": True}) for end in self._ends)

    def _where(self) -> Status:
        """Where the task stands, as the cards tell it."""
        if self._status.ended_at:
            return self._status.status
        if self._paused:
            return Status.PAUSED
        if any(card.state == "exceeded" for card in self.of(BudgetCard)):
            return Status.WAITING_BUDGET
        if any(card.state == "pending" for card in self.of(ApprovalCard)):
            return Status.WAITING_APPROVAL
        if any(card.state == "open" for card in self.of(QuestionCard)):
            return Status.WAITING_ANSWER
        return Status.RUNNING


def _started(fold: Fold, p: e.WorkflowStarted) -> None:
    fold.head(
        **p.model_dump(include={"goal", "goal_ref", "agent", "model", "max_iterations", "usd_limit", "tokens_limit"}),
        by=p.by,
        started_at=fold.event.at,
        doing="Starting",
    )
    _tell_problems(fold, p.problems)


def _continued(fold: Fold, p: e.WorkflowContinued) -> None:
    fold.go_on()
    fold.head(max_iterations=p.max_iterations, model=p.model, ended_at=None, reason="", doing="Going on")
    fold.log("▶ went on")
    _tell_problems(fold, p.problems)


def _tell_problems(fold: Fold, problems: tuple[str, ...]) -> None:
    for number, problem in enumerate(problems):
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}.{number}", text=problem, level="warning"))


def _completed(fold: Fold, p: e.WorkflowCompleted) -> None:
    fold.close()
    fold.head(status=Status.COMPLETED, reason=p.reason.value, ended_at=fold.event.at, doing="")
    fold.end(status=Status.COMPLETED, reason=p.reason, text=p.answer)
    if p.reason is Termination.GOAL_ACHIEVED:
        fold.log("✓ done")
        number = len(fold.of(AnswerCard)) + 1
        fold.put(AnswerCard(key=f"answer:{number}", answer=p.answer, answer_ref=p.answer_ref, reason=p.reason))
    else:
        fold.log(f"■ {END_WORDS[p.reason]}")
        fold.put(
            NoticeCard(key=f"notice:{fold.event.seq}", text=f"{END_WORDS[p.reason]} Reply to go on.", level="warning")
        )


END_WORDS = {
    Termination.BUDGET_EXCEEDED: "Ended: the budget is used up. You will be asked to raise it.",
    Termination.MAX_ITERATIONS_REACHED: "Ended: all iterations are used up.",
    Termination.TIMEOUT_EXCEEDED: "Ended: the time is used up.",
}


def _failed(fold: Fold, p: e.WorkflowFailed) -> None:
    fold.close()
    fold.end(status=Status.FAILED, reason=Termination.FAILED, text=p.error)
    fold.head(status=Status.FAILED, reason=p.error, ended_at=fold.event.at, doing="")
    fold.log("✗ failed")
    fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=f"Failed: {p.error} Reply to try again.", level="error"))


def _cancelled(fold: Fold, p: e.WorkflowCancelled) -> None:
    fold.close()
    who = p.by.shown if p.by else "the operator"
    fold.end(status=Status.CANCELLED, reason=Termination.CANCELLED, text=p.reason, by=p.by)
    fold.head(status=Status.CANCELLED, reason=p.reason, ended_at=fold.event.at, doing="")
    fold.log(f"■ stopped by {who}")
    text = f"Stopped by {who}." + (f" {_sentence(p.reason)}" if p.reason else "") + " Reply to go on."
    fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=text))


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _paused(fold: Fold, p: e.WorkflowPaused) -> None:
    fold.pause(True)
    fold.head(reason=p.reason)
    fold.log(f"⏸ paused by {p.by.shown if p.by else 'the operator'}")


def _resumed(fold: Fold, p: e.WorkflowResumed) -> None:
    fold.pause(False)
    fold.head(reason="")
    fold.log(f"▶ resumed by {p.by.shown if p.by else 'the operator'}")


def _iteration_started(fold: Fold, p: e.IterationStarted) -> None:
    fold.log(f"Iteration {p.number}")
    if p.news:
        fold.log(p.news)


def _thinking(fold: Fold, p: e.LlmCallStarted) -> None:
    fold.head(doing=THINKING, model=p.model)
    if p.because:
        fold.log(f"→ switched to {p.model}")
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=f"Switched to {p.model}: {p.because}"))


def _thought(fold: Fold, p: e.LlmCallCompleted) -> None:
    status = fold.status
    fold.head(
        doing="",
        usd=round(status.usd + (p.cost_usd or 0), 9),
        tokens=status.tokens + (p.usage.total if p.counted is None else p.counted),
        unpriced=status.unpriced or p.cost_usd is None,
        thought=p.thinking or "",
        thought_ref=p.thinking_ref,
    )
    if p.text:
        fold.log(p.text.strip().splitlines()[0][:120])


def _model_failed(fold: Fold, p: e.LlmCallFailed) -> None:
    fold.head(doing="")
    fold.log(f"✗ {p.model}: {p.error[:100]}")
    _tell_problems(fold, (p.problem,) if p.problem else ())


def _tool_started(fold: Fold, p: e.ToolCallStarted) -> None:
    fold.head(doing=f"Running {p.tool}")


def _tool_done(fold: Fold, p: e.ToolCallCompleted | e.ToolCallFailed) -> None:
    used = dict(fold.status.tools_used)
    if p.call_id:
        used[p.tool] = used.get(p.tool, 0) + 1
    fold.head(doing="", tools_used=tuple(used.items()))
    fold.log(TOOL_LINES[p.outcome].format(tool=p.tool))
    if p.outcome == "unknown":
        text = f"Whether {p.tool} took effect is unknown: it was interrupted. Check before it is done again."
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=text, level="warning"))
    if isinstance(p, e.ToolCallCompleted):
        for number, file in enumerate(p.files):
            fold.put(FileCard(key=f"file:{fold.event.seq}.{number}", tool=p.tool, file=file))
    for card in fold.of(ApprovalCard):
        if card.state == "approved" and card.tool == p.tool and not card.outcome:
            return fold.change(card.key, outcome=p.outcome)
    return None


TOOL_LINES = {
    "ok": "✓ {tool}",
    "error": "✗ {tool} failed",
    "denied": "⊘ {tool} was not allowed",
    "unknown": "? {tool}: outcome unknown",
}


def _approval_requested(fold: Fold, p: e.HumanApprovalRequested) -> None:
    fold.put(
        ApprovalCard(
            key=f"approval:{p.approval_id}",
            arguments=p.arguments_preview,
            **p.model_dump(exclude={"arguments_preview"}),
        )
    )


def _approval_received(fold: Fold, p: e.HumanApprovalReceived) -> None:
    key = f"approval:{p.approval_id}"
    card = fold.card(key)
    if not isinstance(card, ApprovalCard):
        return
    if p.decision == "approve":
        fold.change(key, approved_by=(*card.approved_by, p.by))
    if p.final:
        state = "approved" if p.decision == "approve" else "denied"
        fold.change(key, state=state, by=p.by, reason=p.reason, scope=p.scope, decided_at=fold.event.at)
    if p.edited_ref:
        fold.change(key, edited=True, arguments_ref=p.edited_ref, digest=p.digest)


def _approval_expired(fold: Fold, p: e.HumanApprovalExpired) -> None:
    fold.change(f"approval:{p.approval_id}", state="expired", decided_at=fold.event.at)


def _approval_superseded(fold: Fold, p: e.HumanApprovalSuperseded) -> None:
    fold.change(f"approval:{p.approval_id}", state="superseded", reason=p.reason, decided_at=fold.event.at)


def _question_asked(fold: Fold, p: e.QuestionAsked) -> None:
    fold.put(QuestionCard(key=f"question:{p.question_id}", **p.model_dump()))


def _question_answered(fold: Fold, p: e.QuestionAnswered) -> None:
    fold.change(f"question:{p.question_id}", state="answered", answer=p.answer, by=p.by)


def _delegated(fold: Fold, p: e.TaskDelegated) -> None:
    line = ChildLine(task_id=p.child_task_id, agent=p.agent, goal=p.goal)
    fold.head(children=(*fold.status.children, line)[-CHILDREN:])
    fold.log(f"↳ {p.agent} started")


def _reported(fold: Fold, p: e.TaskReported) -> None:
    """What a child has spent is part of what the task has."""
    lines = {line.task_id: line for line in fold.status.children}
    if (line := lines.get(p.child_task_id)) is None:
        return
    status = fold.status
    lines[line.task_id] = line.model_copy(
        update=p.model_dump(include={"iteration", "doing", "usd", "tokens"}) | {"status": p.status}
    )
    fold.head(
        children=tuple(lines.values()),
        usd=round(status.usd + p.usd - line.usd, 9),
        tokens=status.tokens + p.tokens - line.tokens,
    )
    if p.status.ended:
        fold.child_ended(p.child_task_id)


def _grant_exceeded(fold: Fold, p: e.BudgetExceeded, child: str) -> None:
    number = len([card for card in fold.of(BudgetCard) if card.child == child and card.state != "exceeded"]) + 1
    card = BudgetCard(
        key=f"budget:{child}:{p.unit}:{number}",
        unit=p.unit,
        used=p.used,
        limit=p.limit,
        state="exceeded",
        child=child,
        agent=p.agent or "",
    )
    fold.put(card)


def _budget_told(fold: Fold, p: e.BudgetWarning | e.BudgetExceeded) -> None:
    if isinstance(p, e.BudgetExceeded) and p.child_task_id:
        return _grant_exceeded(fold, p, p.child_task_id)
    state = "exceeded" if p.type is EventType.BUDGET_EXCEEDED else "warning"
    own = [card for card in fold.of(BudgetCard) if not card.child]
    key = f"budget:{p.unit}:{len([c for c in own if c.state in ('increased', 'closed')]) + 1}"
    fold.put(BudgetCard(key=key, unit=p.unit, used=p.used, limit=p.limit, state=state))
    return None


def _budget_increased(fold: Fold, p: e.BudgetIncreased) -> None:
    fold.head(usd_limit=p.usd_limit, tokens_limit=p.tokens_limit, max_iterations=p.max_iterations)
    who = p.by.shown
    fold.log(f"+ budget raised by {who}")
    for card in fold.of(BudgetCard):
        if card.child:
            more = p.add_usd if card.unit == "usd" else p.add_tokens
            if card.state == "exceeded" and more:
                fold.change(card.key, state="increased", by=p.by, limit=card.limit + more)
            continue
        limit = p.usd_limit if card.unit == "usd" else p.tokens_limit
        if card.state in ("warning", "exceeded") and limit is not None and limit > card.limit:
            fold.change(card.key, state="increased", by=p.by, limit=limit)


def _follow_up(fold: Fold, p: e.FollowUpReceived) -> None:
    fold.go_on()
    fold.head(last_reply=p.message_id)


def _plan_updated(fold: Fold, p: e.PlanUpdated) -> None:
    fold.head(plan=p.items)


def _compacted(fold: Fold, p: e.ContextCompacted) -> None:
    done = "cut to its beginning and end, as no summary could be had" if p.how == "excerpt" else "summarised"
    kept = f"; word for word: {_told(p.kept)}" if p.kept else ""
    fold.log(f"✂ earlier conversation {done}{kept}")


def _told(kept: e.Kept) -> str:
    counts = {"answer": kept.answers, "decision": kept.decisions, "reply": kept.follow_ups, "call": kept.effects}
    plural = {"reply": "replies"}
    told = [f"{n} {one if n == 1 else plural.get(one, one + 's')}" for one, n in counts.items() if n]
    return ", ".join(["the goal", *(["the plan"] if kept.plan else []), *told])


def _sink_failed(fold: Fold, p: e.SinkFailed) -> None:
    text = f"Reports to {p.sink} have stopped: {p.error}"
    fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=text, level="error"))
    fold.stopped(p.sink)


STEPS: dict[EventType, Callable[[Fold, Any], None]] = {
    EventType.WORKFLOW_STARTED: _started,
    EventType.WORKFLOW_CONTINUED: _continued,
    EventType.WORKFLOW_COMPLETED: _completed,
    EventType.WORKFLOW_FAILED: _failed,
    EventType.WORKFLOW_CANCELLED: _cancelled,
    EventType.WORKFLOW_PAUSED: _paused,
    EventType.WORKFLOW_RESUMED: _resumed,
    EventType.ITERATION_STARTED: _iteration_started,
    EventType.LLM_CALL_STARTED: _thinking,
    EventType.LLM_CALL_COMPLETED: _thought,
    EventType.LLM_CALL_FAILED: _model_failed,
    EventType.TOOL_CALL_STARTED: _tool_started,
    EventType.TOOL_CALL_COMPLETED: _tool_done,
    EventType.TOOL_CALL_FAILED: _tool_done,
    EventType.HUMAN_APPROVAL_REQUESTED: _approval_requested,
    EventType.HUMAN_APPROVAL_RECEIVED: _approval_received,
    EventType.HUMAN_APPROVAL_EXPIRED: _approval_expired,
    EventType.HUMAN_APPROVAL_SUPERSEDED: _approval_superseded,
    EventType.QUESTION_ASKED: _question_asked,
    EventType.QUESTION_ANSWERED: _question_answered,
    EventType.BUDGET_WARNING: _budget_told,
    EventType.BUDGET_EXCEEDED: _budget_told,
    EventType.BUDGET_INCREASED: _budget_increased,
    EventType.FOLLOW_UP_RECEIVED: _follow_up,
    EventType.PLAN_UPDATED: _plan_updated,
    EventType.CONTEXT_COMPACTED: _compacted,
    EventType.TASK_DELEGATED: _delegated,
    EventType.TASK_REPORTED: _reported,
    EventType.SINK_FAILED: _sink_failed,
}
