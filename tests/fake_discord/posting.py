"""Messages of the bot, made and changed: the same whether by its token or by an interaction's."""

from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.answers import Answer, Interrupted, malformed, refused
from tests.fake_discord.call import Call, Upload
from tests.fake_discord.content import empty, problems
from tests.fake_discord.state import EPHEMERAL, LOADING, V2, Message, Version

Json = dict[str, Any]
LARGEST = 10 * 1024 * 1024  # bytes of a file
SETTABLE = V2 | EPHEMERAL | 1 << 2 | 1 << 12  # flags a client may set: without embeds, silent


def posted(call: Call, body: Json, channel: str, visible_to: str = "", **more: Any) -> Message:
    """A new message. Raises `Interrupted` for what Discord does not take."""
    files = _uploads(call, body, bool(visible_to))
    version = _checked(call, _version(Version(), body, (), files))
    first = version.model_dump(exclude={"at"})
    first["flags"] = version.flags & SETTABLE
    message = call.world.state.add(
        channel=channel,
        author=seed_data.BOT,
        visible_to=visible_to,
        allowed=body.get("allowed_mentions"),
        **first,
        **more,
    )
    call.touched(message.id)
    call.world.events.said(message)
    return message


def changed(call: Call, message: Message, body: Json) -> Message:
    """An edit: what is not named stays; a deferred message stops waiting."""
    wanted = body.get("flags")
    if message.has(V2) and wanted is not None and not wanted & V2:
        raise malformed("flags: Components V2 cannot be taken back.")
    kept = _kept(message, body)
    files = _uploads(call, body, bool(message.visible_to))
    version = _checked(call, _version(message.now, body, kept, files))
    flags = (message.now.flags | (wanted or 0) & SETTABLE) & ~LOADING
    made = call.world.state.edit(
        message, **version.model_dump(include={"content", "embeds", "components", "files"}), flags=flags
    )
    call.touched(message.id)
    call.world.events.edited(made)
    return made


def _version(old: Version, body: Json, kept: tuple[str, ...], files: tuple[str, ...]) -> Version:
    given: Json = {name: body[name] or type(getattr(old, name))() for name in ("content", "embeds", "components")
             if name in body}  # fmt: skip
    flags = old.flags | (body.get("flags") or 0)
    return old.model_copy(
        update={**given, "files": (*kept, *files), "flags": flags, **_numbered(given.get("components"))}
    )


def _numbered(components: list[Json] | None) -> Json:
    """Components with the ids that Discord gives them."""
    if components is None:
        return {}
    count = iter(range(1, 10_000))

    def named(component: Json) -> Json:
        made = {**component, "id": component.get("id") or next(count)}
        if isinstance(component.get("components"), list):
            made["components"] = [named(one) for one in component["components"]]
        return made | {name: named(component[name]) for name in ("accessory",) if isinstance(component.get(name), dict)}

    return {"components": [named(one) for one in components]}


def _checked(call: Call, version: Version) -> Version:
    if empty(version):
        body = refused(50_006).answer.body
        raise Interrupted(Answer(outcome="breach", status=400, body=body, violation=f"{call.name}: an empty message."))
    names = [call.world.state.files[id_].name for id_ in version.files]
    if found := problems(version, names):
        raise malformed(f"{call.name}: {' '.join(found)}")
    return version


def _kept(message: Message, body: Json) -> tuple[str, ...]:
    """Files of the message that an edit leaves there: all, unless it lists them."""
    listed = body.get("attachments")
    if "attachments" not in body:
        return message.now.files
    ids = {str(one["id"]) for one in listed or ()}
    return tuple(id_ for id_ in message.now.files if id_ in ids)


def _uploads(call: Call, body: Json, ephemeral: bool) -> tuple[str, ...]:
    """Files sent along; `attachments` may name and describe them by their number."""
    told = {str(one["id"]): one for one in body.get("attachments") or ()}
    return tuple(_stored(call, upload, told.get(str(number), {}), ephemeral) for number, upload in call.files.items())


def _stored(call: Call, upload: Upload, told: Json, ephemeral: bool) -> str:
    if len(upload.content) > LARGEST:
        body = {"message": "Request entity too large", "code": 40_005}
        problem = f"{upload.name} has {len(upload.content)} bytes."
        raise Interrupted(Answer(outcome="breach", status=413, body=body, violation=problem))
    name = told.get("filename") or upload.name
    about = {"description": told.get("description") or "", "ephemeral": ephemeral}
    return call.world.state.file(name, upload.content, type=upload.type, **about).id
