"""The app's commands, everywhere or on one server."""

from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.answers import malformed, refused
from tests.fake_discord.call import Call

Json = dict[str, Any]
CHAT_INPUT = 1
MOST = {CHAT_INPUT: 100, 2: 15, 3: 15}  # commands of a kind
SIZE = 8_000  # characters of a command's names, descriptions and values


def listed(call: Call) -> list[Json]:
    return _scope(call)


def overwritten(call: Call) -> list[Json]:
    """All commands at once. One that stays under its name keeps its id."""
    old = {(one["type"], one["name"]): one["id"] for one in _scope(call)}
    made = [_command(call, given, old) for given in call.body or ()]
    _counted(call, made)
    call.world.state.commands[call.path.get("guild_id", "")] = made
    return made


def created(call: Call) -> Json:
    """Or changed, where there is one of that name."""
    old = {(one["type"], one["name"]): one["id"] for one in _scope(call)}
    made = _command(call, call.body, old)
    rest = [one for one in _scope(call) if one["id"] != made["id"]]
    _counted(call, [*rest, made])
    call.world.state.commands[call.path.get("guild_id", "")] = [*rest, made]
    return made


def deleted(call: Call) -> None:
    there = _scope(call)
    rest = [one for one in there if one["id"] != call.path["command_id"]]
    if len(rest) == len(there):
        raise refused(10_063)
    call.world.state.commands[call.path.get("guild_id", "")] = rest


def _scope(call: Call) -> list[Json]:
    if call.path["application_id"] != seed_data.APP:
        raise refused(10_002)
    guild = call.guild() if "guild_id" in call.path else ""
    return call.world.state.commands.setdefault(guild, [])


def _command(call: Call, given: Json, old: dict[tuple[int, str], str]) -> Json:
    """As Discord gives it back."""
    type_ = given.get("type") or CHAT_INPUT
    if problem := _problem(given, type_):
        raise malformed(f"{call.name}: {given.get('name')}: {problem}")
    guild = call.path.get("guild_id", "")
    everywhere = {} if guild else {"contexts": given.get("contexts"), "dm_permission": given.get("dm_permission", True)}
    return {
        "id": old.get((type_, given["name"])) or call.world.state.id(),
        "application_id": seed_data.APP,
        "version": call.world.state.id(),
        "type": type_,
        "name": given["name"],
        "name_localizations": given.get("name_localizations"),
        "description": given.get("description") or "",
        "description_localizations": given.get("description_localizations"),
        "default_member_permissions": _written(given.get("default_member_permissions")),
        "integration_types": given.get("integration_types") or [0],
        "nsfw": bool(given.get("nsfw")),
        **everywhere,
        **({"guild_id": guild} if guild else {}),
        **({"options": [_option(one) for one in given["options"]]} if given.get("options") else {}),
    }


def _option(given: Json) -> Json:
    """What is false or empty is left out, as Discord does: a client must not compare it word by word."""
    made = {name: value for name, value in given.items() if value not in (None, False, [], {})}
    made.setdefault("description", "")
    if made.get("options"):
        made["options"] = [_option(one) for one in made["options"]]
    return made


def _problem(given: Json, type_: int) -> str:
    if type_ == CHAT_INPUT and (given["name"] != given["name"].lower() or " " in given["name"]):
        return "its name is in small letters, without spaces."
    if type_ == CHAT_INPUT and not given.get("description"):
        return "it needs a description."
    if type_ != CHAT_INPUT and (given.get("description") or given.get("options")):
        return "a command of a menu has neither description nor options."
    if (size := _size(given)) > SIZE:
        return f"{size} characters in all, {SIZE} fit."
    return _order(given.get("options") or [])


def _order(options: list[Json]) -> str:
    """What is required comes first; names are there once."""
    needed = [bool(one.get("required")) for one in options if one["type"] > 2]
    if needed != sorted(needed, reverse=True):
        return "required options come first."
    names = [one["name"] for one in options]
    if len(names) != len(set(names)):
        return "two options have one name."
    return next((problem for one in options if (problem := _order(one.get("options") or []))), "")


def _size(given: Json) -> int:
    own = len(given.get("name") or "") + len(given.get("description") or "")
    choices = sum(len(str(one["name"])) + len(str(one["value"])) for one in given.get("choices") or ())
    return own + choices + sum(_size(one) for one in given.get("options") or ())


def _counted(call: Call, commands: list[Json]) -> None:
    kinds = [one["type"] for one in commands]
    for kind, most in MOST.items():
        if kinds.count(kind) > most:
            raise malformed(f"{call.name}: {kinds.count(kind)} commands of type {kind}, {most} fit.")
    names = [(one["type"], one["name"]) for one in commands]
    if len(names) != len(set(names)):
        raise malformed(f"{call.name}: two commands have one name.")


def _written(bits: Any) -> str | None:
    return None if bits is None else str(bits)


TABLE = {
    "list_application_commands": listed,
    "bulk_set_application_commands": overwritten,
    "create_application_command": created,
    "delete_application_command": deleted,
    "list_guild_application_commands": listed,
    "bulk_set_guild_application_commands": overwritten,
    "create_guild_application_command": created,
    "delete_guild_application_command": deleted,
}
