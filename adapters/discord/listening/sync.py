"""The commands, as Discord is told of them: only when they changed, for it allows 200 new ones a day."""

from typing import Any

import structlog

from adapters.discord.api.rest import Rest
from adapters.discord.listening.commands import CHAT, ON_MESSAGE
from adapters.discord.listening.origin import Json

ASK_ABOUT = "Ask an agent"
TEXT, NUMBER, FILE = 3, 10, 11  # types of options
SUB = 1
SERVERS, BOT_DM = 0, 1  # contexts in which a command is offered; a bot cannot post between two people
# What is compared: the rest is Discord's own, or what it says of what was left out.
COMPARED = frozenset({"name", "type", "description", "options", "required", "choices", "autocomplete", "min_value"})

log = structlog.get_logger(__name__)


async def sync(rest: Rest, application: str) -> bool:
    """Whether Discord had to be told. Raises `Refused`, and aiohttp's errors."""
    path = f"/applications/{application}/commands"
    if _known(await rest.call("GET", path)) == _known(COMMANDS):
        return False
    await rest.call("PUT", path, COMMANDS)
    log.info("discord_commands_synced", commands=len(COMMANDS))
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


def _sub(name: str, description: str, *options: Json) -> Json:
    return {"type": SUB, "name": name, "description": description, "options": list(options)}


def _option(name: str, description: str, suggests: bool = False, kind: int = TEXT, **more: Any) -> Json:
    offered = {"autocomplete": True} if suggests else {}
    return {"type": kind, "name": name, "description": description, **offered, **more}


_LISTS = [
    {"name": told, "value": value}
    for told, value in (
        ("My tasks", "mine"),
        ("Tasks of this channel", "channel"),
        ("What waits for me", "waiting"),
    )
]
_ACTS = [{"name": act, "value": act} for act in ("on", "off", "list")]
_TASK = _option("task", "Which one; empty: this thread's, or a list", suggests=True)
_REASON = _option("reason", "Why; it is shown in the thread")
_NUMBER = _option("number", "Which approval of the task; empty: a list")

SUBCOMMANDS = [
    _sub(
        "run",
        "Give an agent a goal",
        _option("goal", "What it should do; empty: a form opens, for long goals"),
        _option("agent", "Which agent", suggests=True),
        _option("model", "Another model than the agent's own", suggests=True),
        _option("budget", "Dollars it may spend", kind=NUMBER, min_value=0),
        _option("file", "A file to go with the goal", kind=FILE),
    ),
    _sub("list", "Tasks", _option("which", "Whose", choices=_LISTS)),
    _sub(
        "status",
        "How a task stands",
        _option("task", "Which one; empty: this thread's, or your only one", suggests=True),
    ),
    _sub("pause", "Hold a task", _TASK),
    _sub("resume", "Let a task continue", _TASK),
    _sub("stop", "End a task", _TASK),
    _sub("approvals", "What waits for your approval"),
    _sub("approve", "Let a tool run", _TASK, _NUMBER),
    _sub("deny", "Do not let a tool run", _TASK, _NUMBER, _REASON),
    _sub(
        "notify",
        "Tell this channel of tasks elsewhere",
        _option("act", "Begin, end, or see what there is", choices=_ACTS, required=True),
        _option("of", "failed, approval, budget, completed …; also --agent, --by, --in"),
    ),
    _sub(
        "link",
        "Make your accounts on other platforms one with this",
        _option("code", "From your other account; empty: get one; also list, off"),
    ),
    _sub("cost", "What you spent"),
    _sub("agents", "Whom you may ask"),
    _sub("help", "What you can do"),
]
COMMANDS: Any = [
    {
        "type": CHAT,
        "name": "agent",
        "description": "Agents that work in your threads",
        "options": SUBCOMMANDS,
        "integration_types": [0],
        "contexts": [SERVERS, BOT_DM],
    },
    {"type": ON_MESSAGE, "name": ASK_ABOUT, "integration_types": [0], "contexts": [SERVERS, BOT_DM]},
]
