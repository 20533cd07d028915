"""Commands: how each is made from what a person wants, and stored."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from threadwork.bot import texts
from threadwork.bot.access import check_may_run
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.errors import Rejected
from threadwork.workflows.files import GivenFile
from threadwork.workflows.grants import GrantWish, Scope
from threadwork.workflows.messages import (
    ApprovalDecision,
    BudgetIncrease,
    Control,
    FollowUp,
    QuestionAnswer,
    StopRequest,
)
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import (
    AddBudget,
    Answer,
    Command,
    Decide,
    Feedback,
    Intake,
    Pause,
    Reply,
    Resume,
    RunOrder,
    Stop,
    TaskOrder,
)
from threadwork.workflows.values import PREVIEW, Principal, Value, digest, preview

DECISION_RULES = 3  # `ApprovalDecision.rules` of what people decide from now on
LINE_RULES = 2  # `FollowUp.rules` of what they write


class Caller(Value):
    """Who wants something, under the platform's own id for it: the fields of a command beside its action.

    Raises `Rejected` for an id that is none."""

    platform: str
    platform_id: Annotated[str, AfterValidator(texts.key)]  # a redelivery carries the same
    by: Principal


async def run(
    ports: BotDependencies,
    caller: Caller,
    goal: str,
    agent: str = "default",
    model: str | None = None,
    budget_usd: float | None = None,
    sink: Sink | None = None,
    joined: bool = False,
    goal_above: bool = False,
    private: bool = False,
    files: Sequence[GivenFile] = (),
) -> Command:
    """A new task. Raises `NotFound` for an unknown agent, `Forbidden`, and `Rejected` for what makes no sense, or a
    model that the person may not ask for."""
    order = TaskOrder(
        goal=texts.text(goal, "The goal"),
        agent=texts.short(agent, "The agent's name"),
        model=texts.short(texts.text(model, "The model"), "The model") if model is not None else None,
        budget_usd=texts.money(budget_usd, "The budget") if budget_usd is not None else None,
        by=caller.by,
        sink=sink,
        joined=joined,
        goal_above=goal_above,
        private=private,
    )
    await check_may_run(caller.by, await ports.catalog.agent(agent), ports.directory)
    if order.model is not None:
        (await ports.catalog.models()).check(order.model, caller.by)
    return Command(**dict(caller), action=RunOrder(order=order, files=tuple(files)))


def reply(
    caller: Caller,
    task_id: str,
    text: str,
    files: Sequence[GivenFile] = (),
    addressed: bool = False,
    confirmed: bool = False,
) -> Command:
    """Follow-up input; wakes a task that has ended. `addressed`, `confirmed`: as in `FollowUp`. Raises `Rejected`."""
    said = texts.text(text, "The reply")
    message = FollowUp(
        message_id=caller.platform_id,
        by=caller.by,
        preview=preview(said),
        ref=f"reply:{caller.platform_id}",
        rules=LINE_RULES,
        addressed=addressed,
        confirmed=confirmed,
    )
    return Command(**dict(caller), action=Reply(task_id=task_id, message=message, text=said, files=tuple(files)))


def pause(caller: Caller, task_id: str, reason: str = "") -> Command:
    click = Control(click_id=caller.platform_id, by=caller.by, reason=_reason(reason))
    return Command(**dict(caller), action=Pause(task_id=task_id, click=click))


def resume(caller: Caller, task_id: str, reason: str = "") -> Command:
    click = Control(click_id=caller.platform_id, by=caller.by, reason=_reason(reason))
    return Command(**dict(caller), action=Resume(task_id=task_id, click=click))


def stop(caller: Caller, task_id: str, reason: str = "", up_to: str | None = None, moment: str = "") -> Command:
    """What is newer is not stopped. `up_to`: message id of the newest reply the person had seen. `moment`: when it was
    said, as `{channel}:{message}`."""
    newest = texts.short(up_to, "The message id") if up_to is not None else None
    click = StopRequest(click_id=caller.platform_id, by=caller.by, reason=_reason(reason), up_to=newest)
    return Command(**dict(caller), action=Stop(task_id=task_id, click=click, moment=moment))


def decide(
    caller: Caller,
    task_id: str,
    approval_id: str,
    decision: Literal["approve", "deny"],
    scope: Scope = "once",
    reason: str = "",
    seen: str = "",
    up_to: str | None = None,
    arguments: Any = None,
    grant: GrantWish | None = None,
) -> Command:
    """A decision on an approval. Raises `Rejected`.

    `seen`: digest of the arguments the person saw. `up_to`: message id of the newest reply they had seen; empty: there
    was none; None: not known. `arguments`: a JSON object to run with instead. `grant`: what `always` gives."""
    edited = None if arguments is None else texts.arguments(arguments)
    if edited is not None and decision == "deny":
        raise Rejected("Arguments go with an approval, not with a denial.")
    click = ApprovalDecision(
        click_id=caller.platform_id,
        approval_id=texts.short(approval_id, "The approval's id"),
        decision=decision,
        scope=scope,
        by=caller.by,
        reason=_reason(reason),
        digest=texts.short(seen, "The digest") if edited is None else digest(arguments),
        seen=texts.short(seen, "The digest"),
        edited_ref=None if edited is None else f"edited:{caller.platform_id}",
        rules=DECISION_RULES,
        up_to=texts.short(up_to, "The message id") if up_to else up_to,
        grant=grant,
    )
    return Command(**dict(caller), action=Decide(task_id=task_id, click=click, edited=edited))


def answer(caller: Caller, task_id: str, question_id: str, text: str) -> Command:
    """An answer to a question; the whole text goes by reference where it is long. Raises `Rejected`."""
    said = texts.text(text, "The answer")
    long = len(said) > PREVIEW
    click = QuestionAnswer(
        click_id=caller.platform_id,
        question_id=texts.short(question_id, "The question's id"),
        by=caller.by,
        answer=preview(said, PREVIEW),
        ref=f"answer:{caller.platform_id}" if long else None,
    )
    return Command(**dict(caller), action=Answer(task_id=task_id, click=click, text=said if long else None))


def add_budget(caller: Caller, task_id: str, usd: float = 0, tokens: int = 0, iterations: int = 0) -> Command:
    """More of at least one of them. Raises `Rejected`."""
    click = BudgetIncrease(
        click_id=caller.platform_id,
        by=caller.by,
        add_usd=texts.money(usd, "The added budget"),
        add_tokens=texts.count(tokens, "The number of added tokens"),
        add_iterations=texts.count(iterations, "The number of added iterations"),
    )
    if not (usd or tokens or iterations):
        raise Rejected("An increase must add something.", "Give dollars, tokens or iterations.")
    return Command(**dict(caller), action=AddBudget(task_id=task_id, click=click))


def feedback(caller: Caller, task_id: str, number: str, verdict: Literal["good", "bad"], reason: str = "") -> Command:
    """What a person thinks of an answer of the task, and why."""
    number, reason = texts.short(number, "The answer's number"), preview(reason, PREVIEW)
    action = Feedback(task_id=task_id, answer=number, verdict=verdict, reason=reason)
    return Command(**dict(caller), action=action)


async def write_down(ports: BotDependencies, command: Command) -> Intake:
    """Store a command, after which it is not lost any more, and have it taken up.

    Raises `NotFound` for an unknown task, `Rejected` if the key was used for something else before."""
    intake = await ports.intake.store(command)
    if not intake.first and _wanted(intake.command) != _wanted(command):
        raise Rejected("This idempotency key was used for something else.", "Use a fresh key for every request.")
    ports.wake_intake()
    return intake


def _wanted(command: Command) -> dict[str, Any]:
    """What a command asks for. Its author is known by key; a name, or the bot, may have changed in between."""
    author = {"by", "rules"}
    return {"by": command.by.key} | command.action.model_dump(
        exclude={"order": author, "message": author, "click": author}
    )


def _reason(reason: str) -> str:
    return preview(texts.whole(reason.strip(), "The reason"), PREVIEW)
