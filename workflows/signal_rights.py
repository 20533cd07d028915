"""Who may send which signal, and what must be known of a person to say so."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from threadwork.workflows import below
from threadwork.workflows.access import allowed, category, hangs_on_groups, hangs_on_standing, same_account
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.messages import ApprovalDecision, FollowUp, QuestionAnswer
from threadwork.workflows.run import Run
from threadwork.workflows.run_requests import ResolvePrincipalResult
from threadwork.workflows.state import Received, TurnCall
from threadwork.workflows.values import Principal

Known = ResolvePrincipalResult  # what was looked up of the person; empty where that was not needed
NOTHING = ResolvePrincipalResult()
Members = Callable[[AgentSpec], Sequence[str]]


class Right(NamedTuple):
    """Who may send a signal, and what others are told."""

    members: Members  # who may; the requester always may, but for decisions
    not_yours: str = ""
    at_once: bool = False  # waits for no platform: who is not known yet may do what members may
    elsewhere: bool = False  # who may is said by whoever keeps the approval, or by the parent


def _control(agent: AgentSpec) -> Sequence[str]:
    return agent.access.control


def _ask(agent: AgentSpec) -> Sequence[str]:
    return agent.access.run


NOT_CONTROL = "You may not pause, resume or stop tasks of this agent."
NOT_RUN = "This agent does not take messages from you."
NOT_BUDGET = "You may not raise budgets of this agent."

RIGHTS: dict[str, Right] = {
    "pause_execution": Right(_control, NOT_CONTROL, at_once=True),
    "resume_execution": Right(_control, NOT_CONTROL),
    "stop_execution": Right(_control, NOT_CONTROL, at_once=True),
    "decide_approval": Right(lambda agent: agent.approvals.approvers, elsewhere=True),
    "add_follow_up": Right(_ask, NOT_RUN),
    "answer_question": Right(_ask, NOT_RUN),
    "increase_budget": Right(lambda agent: agent.access.budget, NOT_BUDGET),
    "raise_grant": Right(lambda agent: agent.access.budget, NOT_BUDGET, elsewhere=True),
}


def person(received: Received) -> Principal | None:
    return received.body.by


def needs_groups(run: Run, received: Received) -> bool:
    """True if only the person's groups can tell whether they may do this."""
    if _is_not_for_us(run, received):
        return False
    by, right = person(received), RIGHTS[received.signal]
    if by is None:
        return False
    answers = any(hangs_on_groups(by, members) for members in _asked_too(run, received))
    return answers or (not _may(right, by, run.agent) and hangs_on_groups(by, right.members(run.agent)))


def needs_standing(run: Run, received: Received) -> bool:
    """True if what the person is on their platform can tell, and is not known yet."""
    if _is_not_for_us(run, received):
        return False
    by, right = person(received), RIGHTS[received.signal]
    if by is None:
        return False
    answers = any(hangs_on_standing(by, members) for members in _asked_too(run, received))
    return answers or (not _may(right, by, run.agent) and hangs_on_standing(by, right.members(run.agent)))


def needs_accounts(run: Run, received: Received) -> bool:
    """True if it may be somebody who is known by another account, and has rights or a part in it as such."""
    by, right = person(received), RIGHTS[received.signal]
    if by is None or _is_not_for_us(run, received):
        return False
    decision = received.body
    if not isinstance(decision, ApprovalDecision):
        may = _may(right, by, run.agent) and not _asked_by_server(run, received)
        return not same_account(by, run.state.requester) and not may
    approval = run.state.approvals.known.get(decision.approval_id)
    return approval is not None and approval.hangs_on_accounts(decision)


def _asked_too(run: Run, received: Received) -> list[Sequence[str]]:
    """Other lists in which the person may have to be: of who answers tool servers, of who was asked later, of who may
    allow a tool for good."""
    if _asked_by_server(run, received):
        return [run.agent.approvals.approvers]
    decision = received.body
    approval = run.state.approvals.known.get(decision.approval_id) if isinstance(decision, ApprovalDecision) else None
    if not isinstance(decision, ApprovalDecision) or approval is None:
        return []
    terms = approval.terms if decision.scope == "always" else None
    return [*([approval.policy.approvers] if approval.escalated_at else []), *([terms.members] if terms else [])]


def _asked_by_server(run: Run, received: Received) -> bool:
    """Whether it answers a tool server, for which it takes more than leave to talk to the agent."""
    match received.body:
        case FollowUp():
            question = run.open_question
        case QuestionAnswer(question_id=number):
            question = next((call for call in run.state.turn if call.question_id == number), None)
        case _:
            question = None
    return question is not None and question.asked_ref is not None


def _is_not_for_us(run: Run, received: Received) -> bool:
    """A child's approval, or its server's question, or a parent's word: whoever owns the matter looks people up."""
    match received.body:
        case ApprovalDecision(approval_id=number):
            return number in run.state.family.approvals
        case QuestionAnswer(question_id=number):
            return below.is_for_server(run, number)
    return received.signal == "raise_grant"


def authority(run: Run, received: Received, by: Principal | None, known: Known) -> str:
    """Why this person may not; empty if they may. Without a person it is the operator, through Temporal."""
    right = RIGHTS[received.signal]
    if by is None or right.elsewhere or same_account(by, run.state.requester, known.groups):
        return ""
    if received.signal == "answer_question" and (_is_not_for_us(run, received) or _asked_by_server(run, received)):
        return ""  # another rule applies to answers for tool servers
    return "" if _may(right, by, run.agent, known.groups) else right.not_yours


def _may(right: Right, by: Principal, agent: AgentSpec, groups: Sequence[str] = ()) -> bool:
    """Stop and pause wait for no platform: who is not known yet may do what members may."""
    as_member = right.at_once and not category(by)
    return allowed(by, right.members(agent), (*groups, "*") if as_member else groups)


def not_theirs(run: Run, question: TurnCall, by: Principal, known: Known) -> str:
    """A tool server is answered by whoever its calls are for, or by who decides on them."""
    may = not question.asked_ref or _may_answer_servers(run, by, known)
    return "" if may else "Only who started the task, or decides on its calls, may answer a tool server."


def may_stop(run: Run, by: Principal) -> bool:
    return same_account(by, run.state.requester) or _may(RIGHTS["stop_execution"], by, run.agent)


def _may_answer_servers(run: Run, by: Principal, known: Known) -> bool:
    own = same_account(by, run.state.requester, known.groups)
    return own or allowed(by, run.agent.approvals.approvers, known.groups)
