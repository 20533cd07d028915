"""Questions that wait for a person, in a list."""

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import about, short
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import QuestionCard
from threadwork.workflows.inbound import Item
from threadwork.workflows.tasks import TaskRecord

MAX_QUESTION = 200  # characters of a question in a line


async def question_item(context: Context, task: TaskRecord) -> Item:
    """The task's open question with its buttons."""
    view = await context.threads.view(task.task_id)
    open_ = [card for card in view.cards if isinstance(card, QuestionCard) and card.state == "open"]
    asked = f"“{short(open_[0].question, MAX_QUESTION)}” " if open_ else ""
    item = about(task, f"{asked}for **{short(task.goal)}**")
    return item.model_copy(update={"buttons": buttons(task.task_id, open_[0]) if open_ else ()})
