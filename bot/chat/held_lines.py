"""Lines whose author is asked first whether they are for the agent: they are written down, and wait for a button."""

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import short
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Item, Response
from threadwork.workflows.tasks import Command, Reply, TaskRecord

GONE = ("This line is not kept any more.", "Write it again.")


def question(context: Context, task: TaskRecord, ended: bool) -> Response:
    """Whether the line is meant to wake a task that has ended, or to answer its question."""
    label, asked = ("Go on with this", "Go on with this?") if ended else ("Take as the answer", "Is this the answer?")
    why = "has ended" if ended else "asks, and offers other answers"
    press = Click(verb="take", task_id=task.task_id, detail=context.source.key)
    text = f"“{short(task.goal)}” {why}. Nothing is done unless you press."
    return Response(text=asked, items=(Item(text=text, buttons=(Button(label=label, press=press),)),))


async def take(context: Context, press: Click, given: str) -> Command:
    """The line as a reply, by its author's second word. Raises `Rejected`."""
    platform = context.source.by.platform
    line = await context.ports.intake.get(platform, press.detail)
    action = line.command.action if line else None
    if line is None or not isinstance(action, Reply) or action.task_id != press.task_id:
        raise Rejected(*GONE)
    if line.command.by.key != context.source.by.key:
        raise Rejected(f"Only {line.command.by.shown} can say what this line was for.")
    if line.state == "refused":
        raise Rejected(line.refused, "Write it again if it is meant.")
    if line.state != "held":
        raise Rejected("The agent has it already.")
    message = action.message.model_copy(update={"confirmed": True})
    return Command(**dict(context.caller), action=action.model_copy(update={"message": message}))
