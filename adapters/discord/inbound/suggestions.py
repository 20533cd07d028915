"""What is offered while somebody types an option of a command."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog

from threadwork.adapters.discord.cards.components import cut
from threadwork.adapters.discord.cards.plain_text import shown
from threadwork.adapters.discord.inbound.commands import choices
from threadwork.adapters.discord.inbound.interaction import Interaction
from threadwork.adapters.discord.inbound.payload import PLATFORM, Json
from threadwork.workflows.sinks import Sink

MAX_SUGGESTIONS = 25  # suggestions; documented
MAX_SUGGESTION = 100  # characters of one; documented
SUGGESTION_TIMEOUT = 2.0  # seconds: Discord waits for three

Offer = tuple[str, str]  # label, value

log = structlog.get_logger(__name__)


async def suggest(interaction: Interaction) -> None:
    """Nothing, where there is nothing to offer or it does not come in time."""
    option = _focused(interaction.data)
    offers: Iterable[Offer] = ()
    if option and (look := OFFERS.get(str(option["name"]))):
        try:
            async with asyncio.timeout(SUGGESTION_TIMEOUT):
                offers = await look(interaction)
        except Exception as error:
            log.info("discord_suggestions_failed", why=type(error).__name__)
    await interaction.suggest(_fitting(offers, str((option or {}).get("value") or "")))


def _focused(data: Json) -> Json | None:
    options: list[Any] = list(data.get("options") or ())
    while options:
        one = options.pop()
        if one.get("focused"):
            return dict(one)
        options += one.get("options") or ()
    return None


def _fitting(offers: Iterable[Offer], so_far: str) -> list[dict[str, str]]:
    wanted = so_far.strip().lower()
    found = [(label, value) for label, value in offers if wanted in label.lower() and len(value) <= MAX_SUGGESTION]
    return [{"name": cut(label, MAX_SUGGESTION), "value": value} for label, value in found[:MAX_SUGGESTIONS]]


async def _agents(interaction: Interaction) -> list[Offer]:
    known = (await choices(interaction)).agents
    return [(f"{name}: {told}" if told else name, name) for name, told in known]


async def _models(interaction: Interaction) -> list[Offer]:
    return [(name, name) for name in (await choices(interaction)).models]


async def _tasks(interaction: Interaction) -> list[Offer]:
    """The person's own open ones, but those on other servers. Their buttons know the ids."""
    running = await interaction.context.views.open_tasks(interaction.by)
    here = [item for item in running if item.buttons and _is_here(item.sink, interaction.payload.guild)]
    return [(shown(item.text), item.buttons[0].press.task_id) for item in here]


def _is_here(sink: Sink | None, guild: str) -> bool:
    """With the bot alone there is no server, and everything is."""
    return sink is None or sink.platform != PLATFORM or not guild or sink.workspace in ("", guild)


OFFERS: dict[str, Callable[[Interaction], Awaitable[list[Offer]]]] = {
    "agent": _agents,
    "model": _models,
    "task": _tasks,
}
