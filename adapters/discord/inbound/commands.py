"""`/agent …`, and "Ask an agent" on a message."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from threadwork.adapters.chat.message_parsing import quotation
from threadwork.adapters.discord.inbound.attachments import attachments
from threadwork.adapters.discord.inbound.interaction import Interaction
from threadwork.adapters.discord.inbound.message_parsing import parse_message
from threadwork.adapters.discord.inbound.messages_of_others import found_in, thread_messages
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.adapters.discord.inbound.people import names_of
from threadwork.adapters.discord.modals.forms import start_modal
from threadwork.workflows.inbound import Choices, Response, SlashCommand, StartForm, StartSubmitted
from threadwork.workflows.slash_commands import ROWS
from threadwork.workflows.slash_name import SLASH

CHOICES_TIMEOUT = 1.5  # seconds for the lists of a form: what opens it lives for three
CHAT, ON_MESSAGE = 1, 3  # types of commands

OLD = "This command belongs to another version of Threadwork. Try `{slash} help`."

log = structlog.get_logger(__name__)


async def command(interaction: Interaction) -> None:
    kind = int(interaction.data.get("type") or CHAT)
    word, given = typed(interaction.data)
    if kind == ON_MESSAGE:
        await _ask_about(interaction)
    elif kind != CHAT or word not in ROWS:
        await interaction.tell(Response(text=OLD.format(slash=SLASH), tone="warning"))
    elif word == "run":
        await _run(interaction, given)
    else:
        await interaction.handle(_slash_command(interaction, word, given))


def _slash_command(interaction: Interaction, word: str, given: Json) -> SlashCommand:
    options = ROWS[word].options
    rest = (one.before + str(given[one.name]).strip() for one in options if given.get(one.name))
    called = names_of(interaction.data.get("resolved") or {})
    said = parse_message(" ".join((word, *rest)), called, "", interaction.context.channels.name)
    named = {"channels": said.channels, "people": said.people}
    return SlashCommand(source=interaction.source.model_copy(update=named), text=said.text)


async def _run(interaction: Interaction, given: Json) -> None:
    """Without a goal a form asks for it, in which it may be long."""
    form = StartForm(
        goal=str(given.get("goal") or ""),
        agent=str(given.get("agent") or ""),
        model=str(given.get("model") or ""),
        budget=str(given.get("budget") or ""),
    )
    if not form.goal.strip():
        await open_start(interaction, form)
        return
    await interaction.handle(_start(interaction, form))


async def _start(interaction: Interaction, form: StartForm) -> StartSubmitted:
    resolved = (interaction.data.get("resolved") or {}).get("attachments") or {}
    files = await attachments(interaction.context.rest, list(resolved.values()))
    return StartSubmitted(source=interaction.source, form=form.model_copy(update={"files": files}))


async def _ask_about(interaction: Interaction) -> None:
    """The message is what the goal is about, and where the task's thread hangs."""
    messages = (interaction.data.get("resolved") or {}).get("messages") or {}
    about = messages.get(str(interaction.data.get("target_id"))) or {}
    found = await thread_messages(interaction.context, interaction.payload, list(found_in(about)), most=0)
    quoted = "\n".join(map(quotation, found))
    await open_start(interaction, StartForm(goal=f"\n\n{quoted}"), str(about.get("id") or ""))


async def open_start(interaction: Interaction, form: StartForm, about: str = "") -> None:
    """Within the three seconds that Discord gives. `about`: the message that the task's thread is to hang on."""
    await interaction.open(start_modal(await choices(interaction), form, about))


async def choices(interaction: Interaction) -> Choices:
    """Without its lists the form does its work too."""
    try:
        async with asyncio.timeout(CHOICES_TIMEOUT):
            return await interaction.context.views.choices(interaction.by)
    except Exception as error:
        log.warning("discord_choices_failed", why=type(error).__name__)
        return Choices()


def typed(data: Json) -> tuple[str, dict[str, Any]]:
    """The subcommand, and its options by name."""
    options: Sequence[Json] = data.get("options") or ()
    if not options:
        return "", {}
    return str(options[0]["name"]), {one["name"]: one.get("value") for one in options[0].get("options") or ()}
