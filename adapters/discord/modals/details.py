"""A task as a whole, for one person: goal, state, spending, plan and tools."""

from threadwork.adapters.discord.cards.embeds import NOBODY, embed
from threadwork.adapters.discord.cards.status_card import status
from threadwork.adapters.discord.cards.text import escaped, mono
from threadwork.adapters.discord.modals.responses import Content
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.inbound import Details

MAX_DETAILS_GOAL, GOAL_LINES = 1_200, 40  # characters and lines
THOUGHT = 1_000  # characters of what the model thought before it last spoke
TOOLS = 25  # tools listed


def details(told: Details) -> Content:
    """The status card with all that it can tell, and below it what it has no room for. 6,000 characters are a message's
    limit."""
    whole_card = told.status.model_copy(update={"verbosity": "verbose", "goal_above": True})
    lines = [
        "**Goal**",
        escaped(excerpt(told.goal or told.status.goal, MAX_DETAILS_GOAL, GOAL_LINES)),
        f"Task {mono(told.task_id)}",
    ]
    lines += ["**Last thought**", escaped(excerpt(told.thought, THOUGHT, GOAL_LINES))] if told.thought else []
    whole = embed(lines, fields=[("Tools used", _tools(told.status))])
    return {
        "content": "",
        "embeds": [status(whole_card, told.link), whole],
        "components": [],
        "allowed_mentions": NOBODY,
    }


def _tools(card: StatusCard) -> str:
    lines = [f"{escaped(one_line(excerpt(name, 60)))} × {count}" for name, count in card.tools_used[:TOOLS]]
    more = len(card.tools_used) - TOOLS
    return "\n".join((*lines, *([f"… and {more} more"] if more > 0 else [])))
