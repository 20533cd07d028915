"""What is a person's own, in one picture: the `Home` that every platform draws."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from threadwork.adapters.chat.status_words import has_reason
from threadwork.adapters.wording.answer_words import first_lines
from threadwork.adapters.wording.card_words import amount
from threadwork.bot.chat.lists import STATES, about, approval_item, short, task_item
from threadwork.bot.chat.places import offers
from threadwork.bot.chat.rights import Rights, accounts_of, powers_of, waiting_for
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads, last_answer
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.buttons import Button, Click, buttons
from threadwork.workflows.cards import BudgetCard, QuestionCard, ThreadView
from threadwork.workflows.inbound import Ended, Home, Item, MessageSource, Pending
from threadwork.workflows.tasks import TaskFilter, TaskRecord
from threadwork.workflows.values import NANOS, Principal

MAX_RUNNING = 20  # open tasks
MAX_WAITING = 20  # approvals
MAX_ENDED, NEWEST = 5, 50  # ended tasks, looked for among so many of the person's newest
MAX_AGENTS = 10
ANSWER, ANSWER_LINES = 300, 4  # characters and lines of an answer
QUESTION = 200  # characters of a question
DAY, WEEK = timedelta(days=1), timedelta(days=7)
READ = "Read the answer"


async def home(ports: BotDependencies, threads: Threads, by: Principal, source: MessageSource | None = None) -> Home:
    """Of all the person's accounts. `source`: where it is shown: buttons that do not count there are left out; None: on
    a page of the person's own."""
    now, mine = datetime.now(UTC), await accounts_of(ports, by)
    running = await ports.tasks.list(TaskFilter(by=mine, open_only=True, limit=MAX_RUNNING))
    ended = _ended(await ports.tasks.list(TaskFilter(by=mine, limit=NEWEST)), now - WEEK)
    views = {task.task_id: await threads.view(task.task_id) for task in (*running, *ended)}
    waiting = await waiting_for(ports, by, source.sink if source else None)
    day, week = [await ports.spend.by_person(mine, now - span) for span in (DAY, WEEK)]
    return Home(
        running=tuple(_running(task, views[task.task_id], source) for task in running),
        approvals=tuple(
            Pending(task=one.task, card=one.card, where=approval_item(one, source))
            for one in waiting[:MAX_WAITING]
            if offers(one.task, source)
        ),
        questions=tuple(item for task in running for item in _questions(task, views[task.task_id], source)),
        ended=tuple(_came_to(task, views[task.task_id], source) for task in ended),
        agents=await _agents(ports, by, source),
        spent_day=day.nanos / NANOS,
        spent_week=week.nanos / NANOS,
    )


async def open_tasks(ports: BotDependencies, by: Principal) -> list[Item]:
    """To choose from: each with a button that names it."""
    mine = await accounts_of(ports, by)
    tasks = await ports.tasks.list(TaskFilter(by=mine, open_only=True, limit=MAX_RUNNING))
    return [task_item(task).model_copy(update={"buttons": (_details(task, "Details"),)}) for task in tasks]


def _ended(newest: Sequence[TaskRecord], since: datetime) -> list[TaskRecord]:
    lately = [task for task in newest if task.status.ended and task.updated_at > since]
    return sorted(lately, key=lambda task: task.updated_at, reverse=True)[:MAX_ENDED]


def _line(task: TaskRecord) -> Item:
    """Without its id: the buttons know it."""
    return about(task, f"**{short(task.goal)}** · {STATES[task.status]} · {amount(task.usd, 'usd')}")


def _running(task: TaskRecord, view: ThreadView, source: MessageSource | None) -> Item:
    row = buttons(task.task_id, view.status) if offers(task, source) else ()
    return _line(task).model_copy(update={"buttons": row})


def _questions(task: TaskRecord, view: ThreadView, source: MessageSource | None) -> list[Item]:
    """What the task waits for beside approvals, with what can be answered right there."""
    asked = [(card, _asked(card)) for card in view.cards if isinstance(card, QuestionCard | BudgetCard)]
    return [
        _line(task).model_copy(
            update={
                "text": f"**{short(task.goal)}**\n{text}",
                "buttons": buttons(task.task_id, card) if offers(task, source) else (),
            }
        )
        for card, text in asked
        if text
    ]


def _asked(card: QuestionCard | BudgetCard) -> str:
    """Empty where it does not wait."""
    if isinstance(card, QuestionCard):
        who = f"{short(card.server, 60)} asks" if card.server else "It asks"
        return f"{who}: {short(card.question, QUESTION)}" if card.state == "open" else ""
    return "The budget is used up: it waits for more." if card.state == "exceeded" else ""


def _came_to(task: TaskRecord, view: ThreadView, source: MessageSource | None) -> Ended:
    card = last_answer(view)
    why = view.status.reason if has_reason(view.status) else ""
    row = (_details(task, READ if card else "Details"),) if offers(task, source) else ()
    return Ended(
        where=_line(task).model_copy(update={"buttons": row}),
        answer=first_lines(card.answer if card else why, ANSWER, ANSWER_LINES),
    )


def _details(task: TaskRecord, label: str) -> Button:
    return Button(label=label, press=Click(verb="details", task_id=task.task_id))


async def _agents(ports: BotDependencies, by: Principal, source: MessageSource | None) -> tuple[tuple[str, str], ...]:
    powers = await powers_of(Rights(by, ports.directory), await ports.catalog.agents())
    usual = (await ports.catalog.channel(source.sink)).agent if source else ""

    def after(agent: AgentSpec) -> bool:
        return agent.name != (usual or "default")

    return tuple((agent.name, agent.description) for agent in sorted(powers.agents, key=after)[:MAX_AGENTS])
