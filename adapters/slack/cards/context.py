"""Whose task a card is about, where it stands outside of the task's thread."""

from threadwork.adapters.slack.cards.blocks import Block, context
from threadwork.adapters.wording.notification_words import goal_line, task_line
from threadwork.adapters.wording.thread_links import OPEN, thread_link
from threadwork.workflows.cards import Context


def whose(about: Context, goal: bool = False) -> list[Block]:
    """`goal`: the card itself does not say it."""
    return context(goal_line(about) if goal else "", task_line(about), link=(thread_link(about.thread), OPEN))
