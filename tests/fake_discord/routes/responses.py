"""The first response to an interaction."""

from collections.abc import Callable
from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.answers import malformed
from tests.fake_discord.call import Call
from tests.fake_discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction, Window
from tests.fake_discord.posting import changed, posted
from tests.fake_discord.shapes import message
from tests.fake_discord.state import COMMAND as BY_COMMAND
from tests.fake_discord.state import EPHEMERAL, LOADING, MENU_COMMAND, REPLY, Message

Json = dict[str, Any]
SAY, WAIT, WAIT_SILENTLY, REPLACE, CHOICES, FORM = 4, 5, 6, 7, 8, 9  # types of a response
FITTING = {
    COMMAND: (SAY, WAIT, FORM),
    COMPONENT: (SAY, WAIT, WAIT_SILENTLY, REPLACE, FORM),
    AUTOCOMPLETE: (CHOICES,),
    MODAL: (SAY, WAIT, WAIT_SILENTLY, REPLACE),
}


def create_interaction_response(call: Call) -> Json | None:
    world, type_ = call.world, call.body["type"]
    found = world.interactions.first(call.path["interaction_id"], call.path["interaction_token"], call.number)
    if type_ not in FITTING[found.type] or (type_ in (WAIT_SILENTLY, REPLACE) and not found.clicked):
        raise malformed(f"{call.name}: a response of type {type_} does not fit an interaction of type {found.type}.")
    made = RESPONSES[type_](call, found, call.body.get("data") or {})
    world.interactions.respond(found, call.body)
    if made:
        found.original = made.id
        found.messages.append(made.id)
    if call.query.get("with_response", "").lower() not in ("1", "true"):
        return None
    return _told(call, found, type_, made)


def _say(call: Call, found: Interaction, data: Json) -> Message:
    return posted(call, data, found.channel, **about(call, found, data))


def _wait(call: Call, found: Interaction, data: Json) -> Message:
    flags = LOADING | (data.get("flags") or 0) & EPHEMERAL
    return call.world.state.add(channel=found.channel, author=seed_data.BOT, flags=flags, **about(call, found, data))


def _wait_silently(call: Call, found: Interaction, data: Json) -> None:
    found.original = found.clicked


def _replace(call: Call, found: Interaction, data: Json) -> None:
    found.original = found.clicked
    changed(call, call.world.state.messages[found.clicked], data)


def _choices(call: Call, found: Interaction, data: Json) -> None:
    found.choices = list(data.get("choices") or ())


def _form(call: Call, found: Interaction, data: Json) -> None:
    ids = [one["custom_id"] for one in inputs(data["components"])]
    if not ids or len(ids) > 5 or len(ids) != len(set(ids)):
        raise malformed(f"{call.name}: a modal has one to five fields, each with a custom_id of its own.")
    window = Window(call.world.state.id(), data, found.channel, found.source, found.clicked)
    call.world.interactions.windows[found.user] = window


def about(call: Call, found: Interaction, data: Json) -> Json:
    """Who sees a message of an interaction, and what it says of where it comes from."""
    hidden = bool((data.get("flags") or 0) & EPHEMERAL)
    kinds = {COMMAND: BY_COMMAND, COMPONENT: REPLY, MODAL: REPLY}
    kind = MENU_COMMAND if found.source.get("target_message_id") else kinds[found.type]
    refers = {"refers_to": found.clicked} if found.clicked else {}
    if kind == REPLY and not found.clicked:
        kind = 0
    return {"visible_to": found.user if hidden else "", "interaction": found.source, "type": kind, **refers}


def inputs(components: list[Json]) -> list[Json]:
    """The fields of a modal, in rows or under labels."""
    inner = [one for row in components for one in (row.get("components") or [row.get("component")]) if one]
    return [one for one in inner if one.get("custom_id")]


def _told(call: Call, found: Interaction, type_: int, made: Message | None) -> Json:
    """The message itself is told only of a response that says something, as the contract has it."""
    interaction: Json = {"id": found.id, "type": found.type}
    if made:
        interaction |= {
            "response_message_id": made.id,
            "response_message_loading": made.has(LOADING),
            "response_message_ephemeral": bool(made.visible_to),
        }
    if type_ not in (SAY, REPLACE):
        return {"interaction": interaction}
    shown = call.world.state.messages[found.original]
    return {"interaction": interaction, "resource": {"type": type_, "message": message(call.world.state, shown)}}


RESPONSES: dict[int, Callable[[Call, Interaction, Json], Message | None]] = {
    SAY: _say,
    WAIT: _wait,
    WAIT_SILENTLY: _wait_silently,
    REPLACE: _replace,
    CHOICES: _choices,
    FORM: _form,
}
TABLE = {"create_interaction_response": create_interaction_response}
