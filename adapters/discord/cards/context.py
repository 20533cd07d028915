"""Whose task a card is about, where it stands outside of the task's thread."""

from threadwork.adapters.discord.cards.text import escaped, link
from threadwork.adapters.wording.notification_words import goal_line, task_line
from threadwork.adapters.wording.thread_links import OPEN, thread_link
from threadwork.workflows.cards import Context


def whose(about: Context, goal: bool = False) -> str:
    """A line, and the way to the thread. `goal`: the card itself does not say it."""
    said = escaped(goal_line(about)) if goal else ""
    return " · ".join(filter(None, (said, escaped(task_line(about)), link(thread_link(about.thread), OPEN))))
