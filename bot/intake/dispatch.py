"""How a stored command reaches its task: by its type, as a start or as a signal of the workflow."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from threadwork.workflows.messages import FollowUp
from threadwork.workflows.tasks import AddBudget, Answer, Decide, Feedback, Pause, Reply, Resume, RunOrder, Stop
from threadwork.workflows.values import Value


class Runner(Protocol):
    """What takes commands up; `bot.gateway.Gateway` is one."""

    async def start(self, task_id: str) -> None: ...

    async def wake(self, task_id: str, follow_up: FollowUp) -> None: ...

    async def signal(self, task_id: str, name: str, *args: Any) -> None: ...


Dispatch = Callable[[Runner, str, Any], Awaitable[None]]


async def _start(runner: Runner, task_id: str, action: RunOrder) -> None:
    await runner.start(task_id)


async def _wake(runner: Runner, task_id: str, action: Reply) -> None:
    await runner.wake(task_id, action.message)


def _click(name: str) -> Dispatch:
    async def signal(runner: Runner, task_id: str, action: Stop | Decide | Answer | AddBudget) -> None:
        await runner.signal(task_id, name, action.click)

    return signal


def _control(name: str) -> Dispatch:
    async def signal(runner: Runner, task_id: str, action: Pause | Resume) -> None:
        await runner.signal(task_id, name, action.click.reason, action.click.by, action.click.click_id)

    return signal


async def _keep(runner: Runner, task_id: str, action: Feedback) -> None:
    """To be written down is all there is to it: no run is told."""


DISPATCH: dict[type[Value], Dispatch] = {
    RunOrder: _start,
    Reply: _wake,
    Pause: _control("pause_execution"),
    Resume: _control("resume_execution"),
    Stop: _click("stop_execution"),
    Decide: _click("decide_approval"),
    Answer: _click("answer_question"),
    AddBudget: _click("increase_budget"),
    Feedback: _keep,
}


async def dispatch(runner: Runner, task_id: str, action: Value) -> None:
    """Raises `NoRun` where nobody hears it, and `Rejected`."""
    await DISPATCH[type(action)](runner, task_id, action)
