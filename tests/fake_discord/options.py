"""What a person typed behind a command, as Discord hands it to the app."""

from typing import Any

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.state import State
from tests.fake_discord.user_session import Impossible

Json = dict[str, Any]
GROUPS = (1, 2)  # kinds of an option: subcommand, group
STRING, INTEGER, TRUTH, USER, CHANNEL, ROLE, MENTION, NUMBER, FILE = range(3, 12)
KINDS: dict[int, type | tuple[type, ...]] = {INTEGER: int, TRUTH: bool, NUMBER: (int, float)}
LONGEST = 6_000  # characters of a string


def found(commands: list[Json], name: str, options: Json) -> tuple[Json, list[Json]]:
    """`name`: with group and subcommand, such as "agent run". The command, and the options as given.

    Raises `Impossible` where Discord's own input would not let a person send it."""
    words = name.removeprefix("/").split()
    command = next((one for one in commands if one["type"] == 1 and one["name"] == words[0]), None)
    if command is None:
        raise Impossible(f"There is no command /{words[0]}; there are {', '.join(_all(commands)) or 'none'}.")
    return command, _inside(command, words[1:], options)


def data(state: State, guild: str, command: Json, given: list[Json]) -> Json:
    """`data` of the interaction, with what the options name."""
    resolved = _resolved(state, guild, given)
    return {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        **({"guild_id": command["guild_id"]} if command.get("guild_id") else {}),
        **({"options": given} if given else {}),
        **({"resolved": resolved} if resolved else {}),
    }


def check(command: Json, given: list[Json]) -> None:
    """Raises `Impossible` for what is missing or does not fit."""
    specs = command.get("options") or []
    for one in given:
        if one["type"] in GROUPS:
            check(next(spec for spec in specs if spec["name"] == one["name"]), one["options"])
            return
    there = {one["name"]: one["value"] for one in given}
    if missing := [spec["name"] for spec in specs if spec.get("required") and spec["name"] not in there]:
        raise Impossible(f"The option {', '.join(missing)} has to be filled in.")
    for spec in specs:
        if spec["name"] in there:
            _fits(spec, there[spec["name"]])


def _inside(spec: Json, words: list[str], options: Json) -> list[Json]:
    specs = spec.get("options") or []
    inner = {one["name"]: one for one in specs if one["type"] in GROUPS}
    if inner:
        if not words or words[0] not in inner:
            raise Impossible(f"/{spec['name']} is followed by one of {', '.join(inner)}.")
        one = inner[words[0]]
        return [{"name": one["name"], "type": one["type"], "options": _inside(one, words[1:], options)}]
    types = {one["name"]: one["type"] for one in specs}
    if unknown := [*words, *(name for name in options if name not in types)]:
        raise Impossible(f"{spec['name']} has no option {', '.join(unknown)}; there are {', '.join(types) or 'none'}.")
    return [{"name": name, "type": types[name], "value": value} for name, value in options.items()]


def _fits(spec: Json, value: Any) -> None:
    kind, name = spec["type"], spec["name"]
    wanted = KINDS.get(kind, str)
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != TRUTH):
        raise Impossible(f"{value!r} does not fit the option {name}.")
    if spec.get("choices") and value not in [one["value"] for one in spec["choices"]]:
        raise Impossible(f"{value!r} is no choice of {name}.")
    if (
        kind == STRING
        and isinstance(value, str)
        and not (spec.get("min_length") or 0) <= len(value) <= (spec.get("max_length") or LONGEST)
    ):
        raise Impossible(f"{len(value)} characters do not fit the option {name}.")
    least, most = spec.get("min_value"), spec.get("max_value")
    if kind in (INTEGER, NUMBER) and ((least is not None and value < least) or (most is not None and value > most)):
        raise Impossible(f"{value} does not fit the option {name}.")


def _resolved(state: State, guild: str, given: list[Json]) -> Json:
    made: dict[str, Json] = {}
    for one in _leaves(given):
        id_ = str(one.get("value"))
        if one["type"] in (USER, MENTION) and id_ in state.users:
            made.setdefault("users", {})[id_] = shapes.user(state, id_)
            if guild and (guild, id_) in state.members:
                told = {**shapes.member(state, guild, id_, person=False), "permissions": "0"}
                made.setdefault("members", {})[id_] = told
        if one["type"] in (ROLE, MENTION) and id_ in state.roles:
            made.setdefault("roles", {})[id_] = shapes.role(state, id_)
        if one["type"] == CHANNEL and id_ in state.channels:
            told = {**shapes.channel(state, state.channels[id_]), "permissions": "0"}
            made.setdefault("channels", {})[id_] = told
        if one["type"] == FILE:
            made.setdefault("attachments", {})[id_] = {**shapes.attachment(state.files[id_]), "ephemeral": True}
    return made


def _leaves(given: list[Json]) -> list[Json]:
    return [leaf for one in given for leaf in (_leaves(one["options"]) if one["type"] in GROUPS else [one])]


def uploaded(state: State, given: list[Json]) -> None:
    """A value of name and content is a file that the person adds."""
    for one in _leaves(given):
        if one["type"] == FILE and isinstance(one["value"], dict):
            ((name, content),) = one["value"].items()
            one["value"] = state.file(name, content.encode(), ephemeral=True).id


def focus(given: list[Json], name: str) -> None:
    """The option that the person is typing in."""
    for one in _leaves(given):
        if one["name"] == name:
            one["focused"] = True
            one["value"] = str(one["value"])


def _all(commands: list[Json]) -> list[str]:
    return [f"/{one['name']}" for one in commands if one["type"] == 1]


def offered(state: State, channel: seed_data.Channel) -> list[Json]:
    """The commands that a person finds there."""
    everywhere = [one for one in state.commands[""] if _here(one, bool(channel.guild))]
    return [*everywhere, *state.commands.get(channel.guild, [])] if channel.guild else everywhere


def _here(command: Json, guild: bool) -> bool:
    contexts = command.get("contexts")
    if contexts is None:
        return guild or command.get("dm_permission") is not False
    return (0 if guild else 1) in contexts
