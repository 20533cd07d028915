"""What a platform's windows and forms show: the `ChatViews` of every platform."""

from collections.abc import Callable, Sequence

from threadwork.bot.chat import home, windows
from threadwork.bot.chat.private_arguments import check_may_look
from threadwork.bot.chat.visibility import sees
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import Choices, Details, Home, Item, MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

Link = Callable[[str], str]


def nowhere(task_id: str) -> str:
    return ""


class Views:
    """Satisfies `ChatViews` for every platform, out of the ports."""

    def __init__(self, ports: BotDependencies, link: Link = nowhere) -> None:
        """`link`: address of a task's page in Temporal; empty: there is none."""
        self._ports = ports
        self._link = link
        self._threads = Threads(ports.events, ports.views, ports.transcript)

    async def workspace(self, sink: Sink, among: Sequence[str]) -> str:
        """The one of these in which the task lives whose thread that is; empty: it is none of a task."""
        task = await self._ports.tasks.in_thread(sink, among)
        return task.sink.workspace if task and task.sink else ""

    async def card(self, source: MessageSource, click: Click) -> ApprovalCard | QuestionCard | BudgetCard | None:
        """The card behind a button, with whole texts. None: nothing is left to decide, or it is not theirs to see.

        Raises `Rejected` for private arguments that are not for them."""
        if not await sees(self._ports, source, click.task_id):
            return None
        card = await windows.card(self._ports, self._threads, click)
        if isinstance(card, ApprovalCard):
            await check_may_look(self._ports, source.by, card)
        return card

    async def details(self, source: MessageSource, task_id: str) -> Details:
        """Raises `NotFound`, also for a task that is not theirs to see."""
        if not await sees(self._ports, source, task_id):
            raise NotFound(f"There is no task {task_id}.")
        return await windows.details(self._ports, self._threads, task_id, self._link(task_id))

    async def home(self, by: Principal, source: MessageSource | None = None) -> Home:
        return await home.home(self._ports, self._threads, by, source)

    async def open_tasks(self, by: Principal) -> list[Item]:
        return await home.open_tasks(self._ports, by)

    async def choices(self, by: Principal) -> Choices:
        return await windows.choices(self._ports, by)
