"""What the signals of people do to a run. Every one of them is answered by an event that names it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from threadwork.workflows import below, manners
from threadwork.workflows.access import same_account
from threadwork.workflows.approval_events import HumanApprovalReceived, QuestionAnswered
from threadwork.workflows.budget_events import BudgetIncreased
from threadwork.workflows.call_requests import AskUser
from threadwork.workflows.delegation import by_nobody
from threadwork.workflows.messages import (
    ApprovalDecision,
    BudgetIncrease,
    Control,
    FollowUp,
    QuestionAnswer,
    StopRequest,
)
from threadwork.workflows.run import Run
from threadwork.workflows.run_events import ClickRefused, FollowUpReceived, WorkflowPaused, WorkflowResumed
from threadwork.workflows.run_requests import Input
from threadwork.workflows.signal_rights import NOTHING, Known, authority, may_stop, not_theirs, person
from threadwork.workflows.state import Received, TurnCall
from threadwork.workflows.values import EVENT_PREVIEW, Principal, Termination, preview

MAX_REMEMBERED_CLICKS = 1_000  # ids of clicks and follow-ups by which a repeat is known
MAX_REMEMBERED_LINES = 20  # follow-ups that hold back whoever decides without having seen them
MAX_INCREASE = (1_000_000, 10**12, 1_000_000)  # dollars, tokens and iterations that one click may add


def pause(run: Run, click: Control, known: Known) -> str:
    """Returns the objection; empty: the run is paused. Emits `workflow.paused`."""
    if objection := _is_over(run) or ("It is paused already." if run.state.paused else ""):
        return objection
    run.state.paused, run.state.pause_reason = True, preview(click.reason)
    run.emit(WorkflowPaused(reason=preview(click.reason), by=click.by, click_id=click.click_id))
    run.state.family.tell_all("pause_execution", by_nobody(click.by, click.reason), None, None)
    return ""


def resume(run: Run, click: Control, known: Known) -> str:
    """Returns the objection; empty: the run goes on. Emits `workflow.resumed`."""
    if objection := _is_over(run) or ("" if run.state.paused else "It is not paused."):
        return objection
    run.state.paused, run.state.pause_reason = False, ""
    run.emit(WorkflowResumed(reason=preview(click.reason), by=click.by, click_id=click.click_id))
    run.state.family.tell_all("resume_execution", by_nobody(click.by, click.reason), None, None)
    return ""


def stop(run: Run, click: StopRequest, known: Known) -> str:
    if objection := _is_over(run):
        return objection
    if click.up_to is not None and run.state.follow_up_ids[-1:] not in ([], [click.up_to]):
        return "Not stopped: a newer message came in after the last one you had seen."
    if run.state.stop is not None:
        return "It is being stopped already."
    run.state.stop = click
    return ""


def decide(run: Run, click: ApprovalDecision, known: Known) -> str:
    """An objection is told by `human_approval.ignored`, which names the approval."""
    if click.approval_id in run.state.family.approvals:
        return below.decide(run, click)
    told = run.state.approvals.decide(click, known, run.now(), run.state.lines)
    run.emit(told)
    call = next((c for c in run.state.turn if c.approval_id == click.approval_id and c.state == "asking"), None)
    if call is None or not isinstance(told, HumanApprovalReceived) or not told.final:
        return ""
    if told.decision == "deny":
        run.deny(call, f"{click.by.shown} denied this call." + (f" Reason: {click.reason}" if click.reason else ""))
        return ""
    call.state, call.digest = "ready", told.digest
    call.arguments_ref = told.edited_ref or call.arguments_ref
    _release_granted(run)
    return ""


def follow_up(run: Run, message: FollowUp, known: Known) -> str:
    """Returns the objection; empty: the message was taken, as an answer where somebody is asked. Emits
    `follow_up.received`; with it `question.answered`, or, by the first rules, what it makes needless."""
    state = run.state
    if message.message_id in state.follow_up_ids:
        return ""
    state.follow_up_ids = [*state.follow_up_ids, message.message_id][-MAX_REMEMBERED_CLICKS:]
    state.lines = [*state.lines, message][-MAX_REMEMBERED_LINES:]
    state.line_rules = max(state.line_rules, message.rules)
    run.emit(
        FollowUpReceived(
            message_id=message.message_id, ref=message.ref, by=message.by, preview=preview(message.preview)
        )
    )
    state.woken = state.ended is not None
    question = run.open_question
    number = below.asked(run, message.by) if question is None else None
    if number and _answers(run, message, below.options(run, number)):
        click = {"click_id": message.message_id, "question_id": number, "by": message.by, "answer": message.preview}
        return below.answer(run, QuestionAnswer.model_validate(click | {"ref": message.ref}))
    offered = _options(question) if question else ()
    if question and _answers(run, message, offered) and not not_theirs(run, question, message.by, known):
        chosen = manners.chosen(message.preview, offered) if message.rules >= 2 else ""
        _answer(run, question, chosen or message.preview, message.ref, message.by, message.message_id)
        return ""
    if question is None and message.rules < 2:
        run.withdraw("A new message came in; follow it.")
    state.inputs.append(Input(position=0, kind="follow_up", ref=message.ref))
    return ""


def _options(question: TurnCall) -> tuple[str, ...]:
    asked = question.call.builtin
    return asked.options if isinstance(asked, AskUser) else ()


def _answers(run: Run, message: FollowUp, offered: Sequence[str]) -> bool:
    """Whether a line is the answer that is waited for: what somebody else says only by addressing the agent, or by
    saying one of the options in full; and where there are options, another word only once its author confirmed it."""
    if message.rules < 2 or message.confirmed or manners.chosen(message.preview, offered):
        return True
    theirs = message.addressed or same_account(message.by, run.state.requester)
    return theirs and not offered


def answer(run: Run, click: QuestionAnswer, known: Known) -> str:
    if click.question_id in run.state.family.questions:
        return below.answer(run, click)
    question = next((c for c in run.state.turn if c.question_id == click.question_id and c.state == "asking"), None)
    if question is None:
        return "Too late: this question is not open any more."
    if objection := not_theirs(run, question, click.by, known):
        return objection
    _answer(run, question, click.answer, click.ref, click.by, click.click_id)
    return ""


def increase_budget(run: Run, click: BudgetIncrease, known: Known) -> str:
    """Returns the objection; empty: the limits are higher now. Emits `budget.increased`."""
    if objection := _is_over(run) or _bad_increase(click):
        return objection
    below.increase(run, click)
    state = run.state
    state.budget.increase(click)
    state.iteration_limit += click.add_iterations
    if not state.budget.is_exceeded():
        state.budget_deadline = None
    run.emit(
        BudgetIncreased(
            **click.model_dump(include={"click_id", "add_usd", "add_tokens", "add_iterations"}),
            by=click.by,
            usd_limit=state.budget.usd_limit,
            tokens_limit=state.budget.tokens_limit,
            max_iterations=state.iteration_limit,
        )
    )
    return ""


class Handler(NamedTuple):
    """What is done with one kind of signal, and who may send it."""

    apply: Callable[[Run, Any, Known], str]  # returns the objection; empty: it took effect
    id: str = "click_id"  # the field by which a repeat is known


HANDLERS: dict[str, Handler] = {
    "pause_execution": Handler(pause),
    "resume_execution": Handler(resume),
    "stop_execution": Handler(stop),
    "decide_approval": Handler(decide),
    "add_follow_up": Handler(follow_up, id="message_id"),
    "answer_question": Handler(answer),
    "increase_budget": Handler(increase_budget),
    "raise_grant": Handler(increase_budget),  # the parent's word, which checked who may
}


def apply(run: Run, received: Received, known: Known = NOTHING) -> None:
    """Act on a signal once, and answer it. A repeat, known by its id, changes nothing."""
    handler = HANDLERS[received.signal]
    message, click_id = received.body, getattr(received.body, handler.id)
    if click_id and click_id in run.state.clicks:
        return
    by = person(received)
    objection = authority(run, received, by, known) or handler.apply(run, message, known)
    if click_id:
        run.state.clicks = [*run.state.clicks, click_id][-MAX_REMEMBERED_CLICKS:]
        if objection:
            run.emit(ClickRefused(click_id=click_id, by=by, reason=objection))


def is_new(run: Run, received: Received) -> bool:
    """A follow-up that the task has not seen: the only thing that wakes it after its end."""
    message = received.body
    return isinstance(message, FollowUp) and message.message_id not in run.state.follow_up_ids


def _answer(run: Run, question: TurnCall, text: str, ref: str | None, by: Principal, click_id: str) -> None:
    if question.asked_ref:
        question.state, question.answer, question.answer_ref = "ready", text, ref
        run.emit(QuestionAnswered(question_id=question.question_id or "", answer="answered", by=by, click_id=click_id))
        return
    run.emit(QuestionAnswered(question_id=question.question_id or "", answer=preview(text), by=by, click_id=click_id))
    if question.by_guard:
        question.answer, question.answered_by = text, by if may_stop(run, by) else None
    run.finish_call(question, f"{by.shown} answered: {text}")
    if ref and len(text) >= EVENT_PREVIEW:
        run.state.inputs.append(Input(position=0, kind="answer", ref=ref))


def _release_granted(run: Run) -> None:
    """A tool approved for the rest of the task need not be asked for again, in this turn either."""
    state = run.state
    for call in state.turn:
        if call.state == "asking" and call.approval_id and call.call.name in state.approvals.granted:
            run.emit(*state.approvals.supersede_one(call.approval_id, "Approved for the rest of the task."))
            call.state = "ready"


def _is_over(run: Run) -> str:
    return f"Too late: the task has ended ({ENDED[run.state.ended]})." if run.state.ended else ""


ENDED = {  # for people
    Termination.GOAL_ACHIEVED: "done",
    Termination.BUDGET_EXCEEDED: "the budget is used up",
    Termination.MAX_ITERATIONS_REACHED: "all iterations are used up",
    Termination.TIMEOUT_EXCEEDED: "the time is used up",
    Termination.CANCELLED: "stopped",
    Termination.FAILED: "failed",
}


def _bad_increase(click: BudgetIncrease) -> str:
    added = (click.add_usd, click.add_tokens, click.add_iterations)
    if not all(0 <= value <= most for value, most in zip(added, MAX_INCREASE, strict=True)) or not any(added):
        return "An increase must add something sensible, and take nothing away."
    return ""
