"""A task as a whole, for one person: goal, state, spending, plan and tools."""

from threadwork.adapters.discord.cards.embeds import NOBODY, embed
from threadwork.adapters.discord.cards.status_card import status
from threadwork.adapters.discord.cards.text import escaped, markdown, mono
from threadwork.adapters.discord.modals.responses import Content
from threadwork.adapters.wording.answer_words import first_lines
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.inbound import Details
from threadwork.workflows.sinks import File

MAX_DETAILS_GOAL, GOAL_LINES = 1_200, 40  # characters and lines
SHORT_GOAL = 400  # characters beside an answer
THOUGHT = 1_000  # characters of what the model thought before it last spoke
SHORT_THOUGHT = 300  # and beside an answer
ANSWER = 1_500  # characters of its newest answer; a longer one is a file
MAX_FILE = 1_000_000  # characters of that file
TOOLS = 25  # tools listed


def details(told: Details) -> Content:
    """The status card with all that it can tell, and what it has no room for: below it; above it, where that has an
    answer. 6,000 characters are a message's limit."""
    whole_card = told.status.model_copy(update={"verbosity": "verbose", "goal_above": True})
    goal, thought = (SHORT_GOAL, SHORT_THOUGHT) if told.answer else (MAX_DETAILS_GOAL, THOUGHT)
    lines = ["**Goal**", escaped(excerpt(told.goal or told.status.goal, goal, GOAL_LINES))]
    lines += ["**Answer**", markdown(first_lines(told.answer, ANSWER, GOAL_LINES))] if told.answer.strip() else []
    lines += ["The whole answer is in the file."] if answer_file(told) else []
    lines += [f"Task {mono(told.task_id)}"]
    lines += ["**Last thought**", escaped(excerpt(told.thought, thought, GOAL_LINES))] if told.thought else []
    whole = embed(lines, fields=[("Tools used", _tools(told.status))])
    made = status(whole_card, told.link)
    return {
        "content": "",
        "embeds": [whole, made] if told.answer else [made, whole],
        "components": [],
        "allowed_mentions": NOBODY,
    }


def answer_file(told: Details) -> File | None:
    """The answer, where it is too long for a message."""
    long = len(told.answer) > ANSWER or told.answer.count("\n") >= GOAL_LINES
    return File(name="answer.md", text=told.answer[:MAX_FILE]) if long else None


def _tools(card: StatusCard) -> str:
    lines = [f"{escaped(one_line(excerpt(name, 60)))} × {count}" for name, count in card.tools_used[:TOOLS]]
    more = len(card.tools_used) - TOOLS
    return "\n".join((*lines, *([f"… and {more} more"] if more > 0 else [])))
