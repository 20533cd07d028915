"""A word to whoever asked for a task, where its own thread takes no messages."""

import structlog

from activities.dependencies import ActivityDependencies
from workflows.cards import NoticeCard
from workflows.chat import Sink
from workflows.errors import ThreadworkError
from workflows.tasks import TaskOrder
from workflows.values import preview

GOAL = 80  # characters of the goal
KEY = "notice:unreachable"

log = structlog.get_logger(__name__)


async def tell_in_person(ports: ActivityDependencies, task_id: str, thread: Sink, failure: str) -> None:
    """Written to the person directly, by user id, where the platform takes that. A courtesy: it never raises."""
    try:
        order = await ports.tasks.order(task_id)
        if (chat := ports.chats.get(order.by.platform)) is None:
            return
        for part in chat.render(task_id, _notice(order, failure)):
            await chat.post(_person(order, thread), part, mark=f"{task_id}/{KEY}/0")
    except ThreadworkError as error:
        log.warning("requester_not_told", task_id=task_id, error=str(error))


def _notice(order: TaskOrder, failure: str) -> NoticeCard:
    goal = preview(" ".join(order.goal.split()), GOAL)
    text = (
        f"“{goal}” cannot report in its thread. {failure} The task goes on unseen: list your tasks to see or stop it."
    )
    return NoticeCard(key=KEY, text=text, level="warning")


def _person(order: TaskOrder, thread: Sink) -> Sink:
    """In a channel that workspaces share, the app speaks in the one it is installed in."""
    same = thread.platform == order.by.platform
    workspace = thread.workspace if same else order.by.workspace
    return Sink(platform=order.by.platform, workspace=workspace, channel=order.by.user_id)
