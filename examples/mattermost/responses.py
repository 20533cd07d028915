"""What one person is told, as Markdown that calls nobody."""

from examples.mattermost.cards import calling_nobody
from threadwork.adapters.chat.background import refusal
from threadwork.adapters.terminal.plain_cards import plain
from threadwork.adapters.wording.card_words import excerpt
from threadwork.adapters.wording.thread_links import message_link
from threadwork.workflows.inbound import Details, Item, Response

MAX_RESPONSE = 10_000  # characters; a post takes 16,383
MAX_THOUGHT = 1_000  # characters of what the model thought before it last spoke


def words(said: Response) -> str:
    """A line for each item; its buttons stand on the cards."""
    sign = "⚠️ " if said.tone == "warning" else ""
    lines = [f"{sign}{said.text or '…'}", *map(_line, said.items)]
    return calling_nobody(excerpt("\n".join(lines), MAX_RESPONSE))


def refused(error: Exception) -> str:
    """Where nothing was stored."""
    return words(Response(text=refusal(error), tone="warning"))


def details(told: Details) -> str:
    thought = [f"**Last thought**\n{excerpt(told.thought, MAX_THOUGHT)}"] if told.thought else []
    parts = [f"**Goal**\n{told.goal}", plain(told.status, {}), *thought, f"Task `{told.task_id}` {told.link}"]
    return calling_nobody(excerpt("\n\n".join(parts), MAX_RESPONSE))


def _line(item: Item) -> str:
    link = message_link(item.sink, item.message_id) if item.sink else ""
    return f"- {item.text}" + (f" · [Open]({link})" if link else "")
