"""What the signals of people do to a run. Every one of them is answered by an event that names it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from threadwork.workflows import below
from threadwork.workflows.access import allowed, category, hangs_on_groups, hangs_on_standing, same_account
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.delegation import by_nobody
from threadwork.workflows.events import (
    BudgetIncreased,
    ClickRefused,
    FollowUpReceived,
    HumanApprovalReceived,
    QuestionAnswered,
    WorkflowPaused,
    WorkflowResumed,
)
from threadwork.workflows.messages import (
    ApprovalDecision,
    BudgetIncrease,
    Control,
    FollowUp,
    Input,
    QuestionAnswer,
    ResolvePrincipalResult,
    StopRequest,
)
from threadwork.workflows.run import Run
from threadwork.workflows.state import Received, TurnCall
from threadwork.workflows.values import EVENT_PREVIEW, Principal, Termination, Value, preview

REMEMBERED = 1_000  # ids of clicks and follow-ups by which a repeat is known

MAX_INCREASE = (1_000_000, 10**12, 1_000_000)  # dollars, tokens and iterations that one click may add

Known = ResolvePrincipalResult  # what was looked up of the person; empty where that was not needed
NOTHING = ResolvePrincipalResult()


def pause(run: Run, click: Control, known: Known) -> str:
    if objection := _is_over(run) or ("It is paused already." if run.state.paused else ""):
        return objection
    run.state.paused, run.state.pause_reason = True, preview(click.reason)
    run.emit(WorkflowPaused(reason=preview(click.reason), by=click.by, click_id=click.click_id))
    run.state.family.tell_all("pause_execution", by_nobody(click.by, click.reason), None, None)
    return ""


def resume(run: Run, click: Control, known: Known) -> str:
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
    told = run.state.approvals.decide(click, known, run.now())
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
    state = run.state
    if message.message_id in state.follow_up_ids:
        return ""
    state.follow_up_ids = [*state.follow_up_ids, message.message_id][-REMEMBERED:]
    run.emit(
        FollowUpReceived(
            message_id=message.message_id, ref=message.ref, by=message.by, preview=preview(message.preview)
        )
    )
    state.woken = state.ended is not None
    if run.open_question is None and (number := below.asked(run, message.by)):
        click = {"click_id": message.message_id, "question_id": number, "by": message.by, "answer": message.preview}
        return below.answer(run, QuestionAnswer.model_validate(click | {"ref": message.ref}))
    question = run.open_question
    if question and _not_theirs(run, question, message.by, known):
        state.inputs.append(Input(position=0, kind="follow_up", ref=message.ref))
    elif question:
        _answer(run, question, message.preview, message.ref, message.by, message.message_id)
    else:
        run.withdraw("A new message came in; follow it.")
        state.inputs.append(Input(position=0, kind="follow_up", ref=message.ref))
    return ""


def answer(run: Run, click: QuestionAnswer, known: Known) -> str:
    if click.question_id in run.state.family.questions:
        return below.answer(run, click)
    question = next((c for c in run.state.turn if c.question_id == click.question_id and c.state == "asking"), None)
    if question is None:
        return "Too late: this question is not open any more."
    if objection := _not_theirs(run, question, click.by, known):
        return objection
    _answer(run, question, click.answer, click.ref, click.by, click.click_id)
    return ""


def increase_budget(run: Run, click: BudgetIncrease, known: Known) -> str:
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


def raise_grant(run: Run, click: BudgetIncrease, known: Known) -> str:
    """The parent's word, which checked who may raise budgets; a child waiting on a child of its own hands it on."""
    return increase_budget(run, click, known)


Members = Callable[[AgentSpec], Sequence[str]]


class Handler(NamedTuple):
    message: type[Value]
    apply: Callable[[Run, Any, Known], str]  # returns the objection; empty: it took effect
    members: Members  # who may; the requester always may, but for decisions
    not_yours: str
    id: str = "click_id"  # the field by which a repeat is known


def _control(agent: AgentSpec) -> Sequence[str]:
    return agent.access.control


def _ask(agent: AgentSpec) -> Sequence[str]:
    return agent.access.run


NOT_CONTROL = "You may not pause, resume or stop tasks of this agent."
NOT_RUN = "This agent does not take messages from you."
NOT_BUDGET = "You may not raise budgets of this agent."

HANDLERS: dict[str, Handler] = {
    "pause_execution": Handler(Control, pause, _control, NOT_CONTROL),
    "resume_execution": Handler(Control, resume, _control, NOT_CONTROL),
    "stop_execution": Handler(StopRequest, stop, _control, NOT_CONTROL),
    "decide_approval": Handler(ApprovalDecision, decide, lambda agent: agent.approvals.approvers, ""),
    "add_follow_up": Handler(FollowUp, follow_up, _ask, NOT_RUN, id="message_id"),
    "answer_question": Handler(QuestionAnswer, answer, _ask, NOT_RUN),
    "increase_budget": Handler(BudgetIncrease, increase_budget, lambda agent: agent.access.budget, NOT_BUDGET),
    "raise_grant": Handler(BudgetIncrease, raise_grant, lambda agent: agent.access.budget, NOT_BUDGET),
}


def person(received: Received) -> Principal | None:
    by = received.body.get("by")
    return Principal.model_validate(by) if by else None


def needs_groups(run: Run, received: Received) -> bool:
    """True if only the person's groups can tell whether they may do this."""
    if _is_not_for_us(run, received):
        return False
    by, handler = person(received), HANDLERS[received.signal]
    if by is None:
        return False
    answers = _asked_by_server(run, received) and hangs_on_groups(by, run.agent.approvals.approvers)
    return answers or (not _may(handler, by, run.agent) and hangs_on_groups(by, handler.members(run.agent)))


def needs_standing(run: Run, received: Received) -> bool:
    """True if what the person is on their platform can tell, and is not known yet."""
    if _is_not_for_us(run, received):
        return False
    by, handler = person(received), HANDLERS[received.signal]
    if by is None:
        return False
    answers = _asked_by_server(run, received) and hangs_on_standing(by, run.agent.approvals.approvers)
    return answers or (not _may(handler, by, run.agent) and hangs_on_standing(by, handler.members(run.agent)))


def needs_accounts(run: Run, received: Received) -> bool:
    """True if it may be somebody who is known by another account, and has rights or a part in it as such."""
    by, handler = person(received), HANDLERS[received.signal]
    if by is None or _is_not_for_us(run, received):
        return False
    if handler.apply is not decide:
        may = _may(handler, by, run.agent) and not _asked_by_server(run, received)
        return not same_account(by, run.state.requester) and not may
    decision = ApprovalDecision.model_validate(received.body)
    approval = run.state.approvals.known.get(decision.approval_id)
    return approval is not None and approval.hangs_on_accounts(decision)


def _asked_by_server(run: Run, received: Received) -> bool:
    """Whether it answers a tool server, for which it takes more than leave to talk to the agent."""
    if received.signal == "add_follow_up":
        question = run.open_question
    else:
        answers = received.signal == "answer_question"
        question = next((c for c in run.state.turn if answers and c.question_id == received.body["question_id"]), None)
    return question is not None and question.asked_ref is not None


def _is_not_for_us(run: Run, received: Received) -> bool:
    """A child's approval, or its server's question, or a parent's word: whoever owns the matter looks people up."""
    match received.signal:
        case "decide_approval":
            return received.body["approval_id"] in run.state.family.approvals
        case "answer_question":
            return below.is_for_server(run, received.body["question_id"])
    return received.signal == "raise_grant"


def apply(run: Run, received: Received, known: Known = NOTHING) -> None:
    """Act on a signal once, and answer it. A repeat, known by its id, changes nothing."""
    handler = HANDLERS[received.signal]
    message = handler.message.model_validate(received.body)
    click_id = getattr(message, handler.id)
    if click_id and click_id in run.state.clicks:
        return
    by = person(received)
    objection = _authority(run, received, by, known) or handler.apply(run, message, known)
    if click_id:
        run.state.clicks = [*run.state.clicks, click_id][-REMEMBERED:]
        if objection:
            run.emit(ClickRefused(click_id=click_id, by=by, reason=objection))


def is_new(run: Run, received: Received) -> bool:
    """A follow-up that the task has not seen: the only thing that wakes it after its end."""
    return received.signal == "add_follow_up" and received.body["message_id"] not in run.state.follow_up_ids


def _authority(run: Run, received: Received, by: Principal | None, known: Known) -> str:
    """Why this person may not; empty if they may. Without a person it is the operator, through Temporal."""
    handler = HANDLERS[received.signal]
    if by is None or handler.apply in (decide, raise_grant) or same_account(by, run.state.requester, known.groups):
        return ""
    if handler.apply is answer and (_is_not_for_us(run, received) or _asked_by_server(run, received)):
        return ""  # another rule applies to answers for tool servers
    return "" if _may(handler, by, run.agent, known.groups) else handler.not_yours


def _may(handler: Handler, by: Principal, agent: AgentSpec, groups: Sequence[str] = ()) -> bool:
    """Stop and pause wait for no platform: who is not known yet may do what members may."""
    members = handler.members(agent)
    at_once = handler.apply in (stop, pause) and not category(by)
    return allowed(by, members, (*groups, "*") if at_once else groups)


def _not_theirs(run: Run, question: TurnCall, by: Principal, known: Known) -> str:
    """A tool server is answered by whoever its calls are for, or by who decides on them."""
    may = not question.asked_ref or _may_answer_servers(run, by, known)
    return "" if may else "Only who started the task, or decides on its calls, may answer a tool server."


def _answer(run: Run, question: TurnCall, text: str, ref: str | None, by: Principal, click_id: str) -> None:
    if question.asked_ref:
        question.state, question.answer, question.answer_ref = "ready", text, ref
        run.emit(QuestionAnswered(question_id=question.question_id or "", answer="answered", by=by, click_id=click_id))
        return
    run.emit(QuestionAnswered(question_id=question.question_id or "", answer=preview(text), by=by, click_id=click_id))
    if question.by_guard:
        question.answer, question.answered_by = text, by if _may_stop(run, by) else None
    run.finish_call(question, f"{by.shown} answered: {text}")
    if ref and len(text) >= EVENT_PREVIEW:
        run.state.inputs.append(Input(position=0, kind="answer", ref=ref))


def _may_stop(run: Run, by: Principal) -> bool:
    return same_account(by, run.state.requester) or _may(HANDLERS["stop_execution"], by, run.agent)


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


def _may_answer_servers(run: Run, by: Principal, known: Known) -> bool:
    own = same_account(by, run.state.requester, known.groups)
    return own or allowed(by, run.agent.approvals.approvers, known.groups)
