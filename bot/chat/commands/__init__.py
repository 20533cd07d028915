"""The words after the slash command: a file each, named by its row in `workflows.slash_commands`."""

from collections.abc import Awaitable, Callable
from importlib import import_module

from threadwork.bot.chat import answers
from threadwork.bot.chat.context import Context, Order
from threadwork.bot.chat.words import parse
from threadwork.workflows.inbound import Response, SlashCommand
from threadwork.workflows.slash_commands import COMMANDS

Handle = Callable[[Context, str, str], Awaitable[Response | Order]]  # the word, and what follows it

HANDLERS: dict[str, Handle] = {row.word: import_module(f"{__name__}.{row.handled_by}").handle for row in COMMANDS}


async def route(context: Context, inbound: SlashCommand) -> Response | Order:
    return await typed(context, inbound.text)


async def typed(context: Context, text: str) -> Response | Order:
    """What the words come to."""
    words = parse(text)
    if not words.word:
        return answers.ask_goal()
    handle = HANDLERS.get(words.word)
    return await handle(context, words.word, words.rest) if handle else answers.unknown(words)
