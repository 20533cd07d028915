"""The thread as a pure projection: events → the cards that every surface renders."""

from collections.abc import Callable
from typing import Any

from threadwork.workflows import call_events, run_events, thread_approvals
from threadwork.workflows.approval_events import UNDECIDED
from threadwork.workflows.cards import (
    RUNNING,
    THINKING,
    AnswerCard,
    ApprovalCard,
    FileCard,
    NoticeCard,
    ThreadView,
)
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.fold import Fold
from threadwork.workflows.thread_approvals import standing
from threadwork.workflows.thread_budgets import budget_increased, budget_told, delegated, reported
from threadwork.workflows.values import Status, Termination


def apply(view: ThreadView, event: Event) -> ThreadView:
    """The view after one more event. Events at or before `view.seq` change nothing."""
    if event.seq <= view.seq:
        return view
    fold = Fold(view, event)
    step = STEPS.get(event.type)
    if step:
        step(fold, event.payload())
    return fold.result()


def _started(fold: Fold, p: run_events.WorkflowStarted) -> None:
    fold.head(
        **p.model_dump(include={"goal", "goal_ref", "agent", "model", "max_iterations", "usd_limit", "tokens_limit"}),
        by=p.by,
        started_at=fold.event.at,
        doing="Starting",
        verbosity=p.verbosity or "normal",
    )
    _tell_problems(fold, p.problems)


def _continued(fold: Fold, p: run_events.WorkflowContinued) -> None:
    fold.go_on()
    fold.head(
        max_iterations=p.max_iterations,
        model=p.model,
        ended_at=None,
        reason="",
        doing="Resuming",
        verbosity=p.verbosity or "normal",
    )
    fold.log("▶ resumed")
    _tell_problems(fold, p.problems)


def _tell_problems(fold: Fold, problems: tuple[str, ...]) -> None:
    for number, problem in enumerate(problems):
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}.{number}", text=problem, level="warning"))


def _completed(fold: Fold, p: run_events.WorkflowCompleted) -> None:
    fold.close()
    fold.head(status=Status.COMPLETED, reason=p.reason.value, ended_at=fold.event.at, doing="")
    fold.end(status=Status.COMPLETED, reason=p.reason, text=p.answer)
    if p.reason is Termination.GOAL_ACHIEVED:
        fold.log("✓ done")
        fold.head(plan=tuple(item.model_copy(update={"state": "done"}) for item in fold.status.plan))
        fold.put(_answer(fold, p))
    else:
        fold.log(f"■ {END_WORDS[p.reason]}")
        fold.put(
            NoticeCard(
                key=f"notice:{fold.event.seq}", text=f"{END_WORDS[p.reason]} {_reply(p.reason)}", level="warning"
            )
        )


def _answer(fold: Fold, p: run_events.WorkflowCompleted) -> AnswerCard:
    status, number = fold.status, len(fold.of(AnswerCard)) + 1
    first = number == 1 and status.started_at is not None
    return AnswerCard(
        key=f"answer:{number}",
        answer=p.answer,
        answer_ref=p.answer_ref,
        reason=p.reason,
        seconds=(fold.event.at - status.started_at).total_seconds() if first and status.started_at else None,
        **status.model_dump(include={"usd", "unpriced", "model"}),
    )


END_WORDS = {
    Termination.BUDGET_EXCEEDED: "Ended: the budget is used up.",
    Termination.MAX_ITERATIONS_REACHED: "Ended: all iterations are used up.",
    Termination.TIMEOUT_EXCEEDED: "Ended: the time is used up.",
}


def _reply(reason: Termination) -> str:
    asked = reason is Termination.BUDGET_EXCEEDED
    return "Reply to continue; you are then asked to raise it." if asked else "Reply to continue."


def _failed(fold: Fold, p: run_events.WorkflowFailed) -> None:
    fold.close()
    fold.end(status=Status.FAILED, reason=Termination.FAILED, text=p.error)
    fold.head(status=Status.FAILED, reason=p.error, ended_at=fold.event.at, doing="")
    fold.log("✗ failed")
    fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=f"Failed: {p.error} Reply to try again.", level="error"))


def _cancelled(fold: Fold, p: run_events.WorkflowCancelled) -> None:
    fold.close()
    itself = p.by is None and p.reason.startswith(UNDECIDED)
    who = p.by.shown if p.by else "the operator"
    fold.end(status=Status.CANCELLED, reason=Termination.CANCELLED, text=p.reason, by=p.by)
    fold.head(status=Status.CANCELLED, reason=p.reason, ended_at=fold.event.at, doing="")
    fold.log(f"■ {UNDECIDED.lower()}" if itself else f"■ stopped by {who}")
    why = "" if p.by is None and p.reason == OPERATOR else p.reason
    text = f"Stopped by {who}" + (f": “{_sentence(why)}”" if why else ".") + " Reply to continue."
    text = f"Stopped: {_sentence(p.reason[0].lower() + p.reason[1:])} Reply to continue." if itself else text
    fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=text))


OPERATOR = "Cancelled by the operator."  # the reason of a stop that has no author


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _paused(fold: Fold, p: run_events.WorkflowPaused) -> None:
    fold.pause(True)
    fold.head(reason=p.reason, paused_by=p.by)
    fold.log(f"⏸ paused by {p.by.shown if p.by else 'the operator'}")


def _resumed(fold: Fold, p: run_events.WorkflowResumed) -> None:
    fold.pause(False)
    fold.head(reason="", paused_by=None)
    fold.log(f"▶ resumed by {p.by.shown if p.by else 'the operator'}")


def _iteration_started(fold: Fold, p: run_events.IterationStarted) -> None:
    fold.log(f"Step {p.number}")
    if p.news:
        fold.log(p.news)


def _thinking(fold: Fold, p: call_events.LlmCallStarted) -> None:
    fold.head(doing=THINKING, model=p.model)
    if p.because:
        fold.log(f"→ switched to {p.model}")
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=f"Switched to {p.model}: {p.because}"))


def _thought(fold: Fold, p: call_events.LlmCallCompleted) -> None:
    status = fold.status
    fold.head(
        doing="",
        usd=round(status.usd + (p.cost_usd or 0), 9),
        tokens=status.tokens + (p.usage.total if p.counted is None else p.counted),
        unpriced=status.unpriced or p.cost_usd is None,
        thought=p.thinking or "",
        thought_ref=p.thinking_ref,
    )
    if p.text.strip():
        fold.say(p.text)


def _model_failed(fold: Fold, p: call_events.LlmCallFailed) -> None:
    fold.head(doing="")
    fold.log(f"✗ {p.error[:100]}" if p.error.startswith(p.model) else f"✗ {p.model}: {p.error[:100]}")
    _tell_problems(fold, (p.problem,) if p.problem else ())


def _tool_started(fold: Fold, p: call_events.ToolCallStarted) -> None:
    fold.head(doing=f"{RUNNING} {p.tool}")
    if p.granted_by:
        fold.log(f"✓ {p.tool}: allowed by {standing(p.granted_by)}")


def _tool_done(fold: Fold, p: call_events.ToolCallCompleted | call_events.ToolCallFailed) -> None:
    used = dict(fold.status.tools_used)
    if p.call_id:
        used[p.tool] = used.get(p.tool, 0) + 1
    fold.head(doing="", tools_used=tuple(used.items()))
    fold.log(TOOL_LINES[p.outcome].format(tool=p.agent or p.tool))
    if p.outcome == "unknown":
        text = f"{p.tool} was interrupted. It may have taken effect: check before you run it again."
        fold.put(NoticeCard(key=f"notice:{fold.event.seq}", text=text, level="warning"))
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


def _plan_updated(fold: Fold, p: run_events.PlanUpdated) -> None:
    fold.head(plan=p.items)


def _compacted(fold: Fold, p: run_events.ContextCompacted) -> None:
    cut = "no summary could be made; earlier conversation cut to its beginning and end"
    done = cut if p.how == "excerpt" else "earlier conversation summarised"
    kept = f"; kept word for word: {_told(p.kept)}" if p.kept else ""
    fold.log(f"✂ {done}{kept}")


def _told(kept: run_events.Kept) -> str:
    counts = {"answer": kept.answers, "decision": kept.decisions, "reply": kept.follow_ups, "call": kept.effects}
    plural = {"reply": "replies"}
    told = [f"{n} {one if n == 1 else plural.get(one, one + 's')}" for one, n in counts.items() if n]
    return ", ".join(["the goal", *(["the plan"] if kept.plan else []), *told])


def _sink_failed(fold: Fold, p: run_events.SinkFailed) -> None:
    text = f"Updates to {p.sink} have stopped: {p.error}"
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
    EventType.HUMAN_APPROVAL_REQUESTED: thread_approvals.approval_requested,
    EventType.HUMAN_APPROVAL_RECEIVED: thread_approvals.approval_received,
    EventType.HUMAN_APPROVAL_REMINDED: thread_approvals.approval_reminded,
    EventType.HUMAN_APPROVAL_ESCALATED: thread_approvals.approval_escalated,
    EventType.HUMAN_APPROVAL_EXPIRED: thread_approvals.approval_expired,
    EventType.HUMAN_APPROVAL_SUPERSEDED: thread_approvals.approval_superseded,
    EventType.QUESTION_ASKED: thread_approvals.question_asked,
    EventType.QUESTION_ANSWERED: thread_approvals.question_answered,
    EventType.BUDGET_WARNING: budget_told,
    EventType.BUDGET_EXCEEDED: budget_told,
    EventType.BUDGET_INCREASED: budget_increased,
    EventType.FOLLOW_UP_RECEIVED: thread_approvals.follow_up,
    EventType.PLAN_UPDATED: _plan_updated,
    EventType.CONTEXT_COMPACTED: _compacted,
    EventType.TASK_DELEGATED: delegated,
    EventType.TASK_REPORTED: reported,
    EventType.SINK_FAILED: _sink_failed,
}
