"""What a task's window and the forms show."""

from threadwork.bot.chat.rights import Rights, powers_of
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.agents import AgentSpec, models_of
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.cards import ApprovalCard, BudgetCard, Card, Context, QuestionCard, StatusCard
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import Choices, Details
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal

OF_QUESTIONS: frozenset[Verb] = frozenset({"choose", "answer"})


async def details(ports: BotDependencies, threads: Threads, task_id: str, link: str = "") -> Details:
    """For who may see it. `link`: to Temporal's page of the task. Raises `NotFound`."""
    task = await ports.tasks.get(task_id)
    view = await threads.view(task_id)
    goal = (await ports.tasks.order(task_id)).goal
    status = view.status if view.seq else _not_begun(task)
    thought = await threads.text(task_id, status.thought_ref) if status.thought_ref else ""
    return Details(
        task_id=task_id,
        goal=goal,
        status=status,
        link=link,
        thought=thought or status.thought,
        answer=await threads.answer(view),
    )


def _not_begun(task: TaskRecord) -> StatusCard:
    """Before the first event only the order is known."""
    return StatusCard(goal=task.goal, agent=task.agent, by=task.by, status=task.status)


async def card(
    ports: BotDependencies, threads: Threads, click: Click
) -> ApprovalCard | QuestionCard | BudgetCard | None:
    """The card behind a button with whole texts, for who may see it; None where nothing is left to decide."""
    view = await threads.view(click.task_id)
    found = next((one for one in view.cards if _is_meant(one, click)), None)
    if not isinstance(found, ApprovalCard):
        return found if isinstance(found, QuestionCard | BudgetCard) else None
    status, thread = view.status, (await ports.tasks.get(click.task_id)).sink
    context = Context(task_id=click.task_id, goal=status.goal, agent=status.agent, by=status.by, thread=thread)
    whole = await whole_arguments(ports, click.task_id, found)
    return found.model_copy(update={"arguments": whole, "context": context})


def _is_meant(one: Card, click: Click) -> bool:
    """Approvals and questions are each numbered from 1; of budgets there is one of a unit that waits."""
    if click.verb == "add_amount":
        return isinstance(one, BudgetCard) and one.unit == click.about and one.state in ("warning", "exceeded")
    if click.verb in OF_QUESTIONS:
        return isinstance(one, QuestionCard) and one.question_id == click.about and one.state == "open"
    return isinstance(one, ApprovalCard) and one.approval_id == click.about and one.state == "pending"


async def whole_arguments(ports: BotDependencies, task_id: str, card: ApprovalCard) -> str:
    """As they will run; the preview where the text is not there."""
    try:
        body = (await ports.transcript.get(task_id, card.arguments_ref)).body
    except NotFound:
        return card.arguments
    return str(body.get("content") or card.arguments)


async def choices(ports: BotDependencies, by: Principal) -> Choices:
    agents = await ports.catalog.agents()
    runnable = (await powers_of(Rights(by, ports.directory), agents)).agents
    ordered = [*runnable, *(agent for agent in agents if agent not in runnable)]
    return Choices(
        agents=tuple((agent.name, agent.description) for agent in ordered),
        models=tuple(dict.fromkeys((*models_of(ordered), *(await ports.catalog.models()).offered))),
        agent=_default(ordered, runnable),
    )


def _default(ordered: list[AgentSpec], runnable: tuple[AgentSpec, ...]) -> str:
    """The agent called default, unless the person may not run it and may run another."""
    names = [agent.name for agent in runnable or ordered]
    return "default" if "default" in names or not names else names[0]
