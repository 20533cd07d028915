"""The commands, as Discord is told of them: only when they changed, for it allows 200 new ones a day."""

from typing import Any

import structlog

from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.commands import CHAT, ON_MESSAGE
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.workflows import slash_commands
from threadwork.workflows.slash_commands import CommandOption, CommandRow
from threadwork.workflows.slash_name import AGENT

ASK_ABOUT = "Ask an agent"
TEXT, NUMBER, FILE = 3, 10, 11  # types of options
SUB = 1
SERVERS, BOT_DM = 0, 1  # contexts in which a command is offered; a bot cannot post between two people
# What is compared: the rest is Discord's own, or what it says of what was left out.
COMPARED = frozenset({"name", "type", "description", "options", "required", "choices", "autocomplete", "min_value"})

log = structlog.get_logger(__name__)


async def sync(rest: Rest, application: str, name: str = AGENT) -> bool:
    """Whether Discord had to be told. `name`: of the slash command. Raises `Refused`, and aiohttp's errors."""
    path, wanted = f"/applications/{application}/commands", commands(name)
    if _known(await rest.call("GET", path)) == _known(wanted):
        return False
    told: Any = wanted
    await rest.call("PUT", path, told)
    log.info("discord_commands_synced", commands=len(wanted))
    return True


def _known(given: Any) -> Any:
    """What was told, without what is empty: Discord leaves that out, or adds it."""
    if isinstance(given, list):
        return sorted((_known(one) for one in given), key=lambda one: str(one.get("name")) if "type" in one else "")
    told = {key: value for key, value in given.items() if key in COMPARED and value}
    for key in ("options", "choices"):
        if key in told:
            told[key] = [_known_option(one) for one in told[key]]
    return told


def _known_option(one: Json) -> Any:
    return _known(one) if "type" in one else {key: one[key] for key in ("name", "value")}


def _subcommand(row: CommandRow) -> Json:
    return {"type": SUB, "name": row.word, "description": row.about, "options": [_option(one) for one in row.options]}


def _option(one: CommandOption) -> Json:
    told: Json = {"type": TYPES[one.kind], "name": one.name, "description": one.about}
    told |= {"autocomplete": True} if one.suggests else {}
    told |= {"choices": [{"name": name, "value": value} for name, value in one.choices]} if one.choices else {}
    told |= {"required": True} if one.required else {}
    return told | ({"min_value": one.floor} if one.floor is not None else {})


TYPES = {"text": TEXT, "number": NUMBER, "file": FILE}
SUBCOMMANDS = [_subcommand(row) for row in slash_commands.COMMANDS]


def commands(name: str = AGENT) -> list[Json]:
    """What is registered; `name`: of the slash command, with its slash."""
    everywhere: Json = {"integration_types": [0], "contexts": [SERVERS, BOT_DM]}
    about = "Agents that work in your threads"
    slash = {"type": CHAT, "name": name.removeprefix("/"), "description": about, "options": SUBCOMMANDS}
    return [slash | everywhere, {"type": ON_MESSAGE, "name": ASK_ABOUT} | everywhere]
