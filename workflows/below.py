"""What people say in a thread that is for a delegated task: it goes down under the child's own numbers.

Authority is checked where the matter belongs: decisions and answers by the child, money by the parent."""

from threadwork.workflows.access import same_account
from threadwork.workflows.approval import unseen
from threadwork.workflows.approval_events import HumanApprovalIgnored
from threadwork.workflows.delegation import Asked
from threadwork.workflows.messages import ApprovalDecision, BudgetIncrease, QuestionAnswer
from threadwork.workflows.run import Run
from threadwork.workflows.values import NANOS, Ledger, Principal


def decide(run: Run, click: ApprovalDecision) -> str:
    """The child knows its approvers: its answer comes up as an event that names the click."""
    family = run.state.family
    if found := family.asked(family.approvals, click.approval_id):
        if objection := _unseen(run, click, found):
            told = {"approval_id": click.approval_id, "by": click.by, "click_id": click.click_id}
            run.emit(HumanApprovalIgnored.model_validate(told | {"reason": objection}))
            return ""
        changes = {"approval_id": found.id} | ({"up_to": None} if click.rules >= 3 else {})  # lines are read here
        below = click.model_copy(update=changes).model_dump(mode="json")
        family.tell(found.child_id, "decide_approval", below, refs=(click.edited_ref,) if click.edited_ref else ())
        return ""
    told = {"approval_id": click.approval_id, "by": click.by, "click_id": click.click_id}
    run.emit(HumanApprovalIgnored.model_validate(told | {"reason": "Too late: the task that asked has ended."}))
    return ""


def _unseen(run: Run, click: ApprovalDecision, found: Asked) -> str:
    """A line in this thread holds the decision back as it would on a call of this task's own. Empty: there is none."""
    if click.decision == "deny" or click.rules < 3:
        return ""
    approvers = [str(member) for member in found.data.get("approvers") or ("*",)]
    return unseen(click, run.state.lines, run.state.requester, approvers)


def answer(run: Run, click: QuestionAnswer) -> str:
    family = run.state.family
    found = family.asked(family.questions, click.question_id)
    if found is None:
        return "Too late: this question is not open any more."
    below = click.model_copy(update={"question_id": found.id}).model_dump(mode="json")
    family.tell(found.child_id, "answer_question", below, refs=(click.ref,) if click.ref else ())
    return ""


def asked(run: Run, by: Principal) -> str | None:
    """The first question of a child that is open. A line in the thread answers no tool server for somebody else."""
    known = same_account(by, run.state.requester)
    numbers = (number for number, one in run.state.family.questions.items() if one.open)
    return next((number for number in numbers if known or not is_for_server(run, number)), None)


def options(run: Run, number: str) -> tuple[str, ...]:
    """Of a child's question."""
    return tuple(run.state.family.questions[number].data.get("options") or ())


def is_for_server(run: Run, number: str) -> bool:
    """Whether a child's tool server asks: the child knows who may answer it."""
    found = run.state.family.questions.get(number)
    return found is not None and bool(found.data.get("server"))


def increase(run: Run, click: BudgetIncrease) -> None:
    """What is added goes to the children that wait for it, in equal parts: this task's own limit grows by the whole."""
    waiting = [child for child in run.state.family.open if child.wants]
    for child in waiting:
        part = BudgetIncrease(
            click_id=click.click_id,
            by=click.by,
            add_usd=click.add_usd / len(waiting),
            add_tokens=-(-click.add_tokens // len(waiting)),
            add_iterations=click.add_iterations,
        )
        child.grant = Ledger(
            nanos=child.grant.nanos + round(part.add_usd * NANOS), tokens=child.grant.tokens + part.add_tokens
        )
        run.state.family.tell(child.child_id, "raise_grant", part.model_dump(mode="json"))
