"""The REST API's door: one call's way to its answer."""

import json
import re
import traceback
from typing import Any

from aiohttp import web

from tests.fake_discord import contracts, faults, seed_data
from tests.fake_discord.answers import Answer, Interrupted, malformed, refused, unauthorised
from tests.fake_discord.call import Call, Upload
from tests.fake_discord.contracts import Operation
from tests.fake_discord.routes import OPEN, TABLE
from tests.fake_discord.world import World

Json = dict[str, Any]
AGENT = re.compile(
    r"DiscordBot \(\S+ .+\)"
)  # Discord's edge turns others away; discord.py sends none by a token of an interaction
COMPARED = 5  # answers of an operation that are compared with the contract; it takes milliseconds
FILE = re.compile(r"files\[(\d+)\]")


async def answer(world: World, path: str, request: web.Request) -> Answer:
    """Take one call, record it, and say what to answer."""
    known = contracts.found(request.method, path)
    name = known[0].name if known else f"{request.method} {path}"
    number = world.journal.arrive(name, _without_token(path), _channel(world, known[1] if known else {}))
    try:
        given = await _handled(world, number, known, request)
    except Interrupted as interrupted:
        given = interrupted.answer
    except Exception:  # a bug of the fake must not pass for a 500 of Discord's
        world.journal.defects.append(f"{name}: {traceback.format_exc(limit=-4)}")
        raise
    world.journal.leave(number, given)
    return given


async def _handled(
    world: World, number: int, known: tuple[Operation, dict[str, str]] | None, request: web.Request
) -> Answer:
    body, files = await _body(request)
    query = dict(request.query)
    world.journal.amend(number, arguments=body, query=query, files=tuple(one.name for one in files.values()))
    if known is None or known[0].name not in TABLE:
        raise refused(0, f"{request.method} {request.path} is not served here.")
    operation, path = known
    _authorised(world, operation, request)
    return await _limited(world, operation, Call(world, number, operation.name, path, query, body, files))


async def _limited(world: World, operation: Operation, call: Call) -> Answer:
    channel, major = world.journal.calls[call.number - 1].channel, _major(call.path)
    world.limits.obeyed(call.name, major)
    due = world.faults.due(call.name, channel, call.body)
    if instead := await faults.before(due):
        world.faults.took_effect([one for one in due if one.kind in faults.BEFORE], call.name, channel, call.body)
        if instead.retry_after is None:
            return instead
        everywhere = bool(instead.body["global"])
        return world.limits.hold(call.name, major, instead.retry_after, everywhere)
    headers = world.limits.take(call.name, major)
    try:
        contracts.check_query(operation, call.query)
        contracts.check_body(operation, call.body)
        made = _made(world, operation, TABLE[call.name](call))
    except Interrupted as interrupted:
        kept = interrupted.answer
        raise Interrupted(kept.model_copy(update={"headers": headers | kept.headers})) from None
    world.faults.took_effect([one for one in due if one.kind in faults.AFTER], call.name, channel, call.body)
    return await faults.after(due) or made.model_copy(update={"headers": headers})


def _made(world: World, operation: Operation, body: Any) -> Answer:
    statuses = [status for status in contracts.answers(operation) if (status == 204) == (body is None)]
    made = Answer(status=(statuses or [200])[0], body=body, delivered=True)
    count = world.checked[operation.name] = world.checked.get(operation.name, 0) + 1
    if count <= COMPARED and (problem := contracts.answer_problem(operation, made.status, body)):
        world.journal.defects.append(f"{operation.name} answered beside its contract: {problem}")
    return made


def _authorised(world: World, operation: Operation, request: web.Request) -> None:
    if operation.name in OPEN:
        return
    if not AGENT.match(request.headers.get("User-Agent", "")):
        raise refused(40_333, "A call without Discord's form of a User-Agent.")
    if world.revoked or request.headers.get("Authorization") != f"Bot {seed_data.TOKEN}":
        raise unauthorised()


async def _body(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """The decoded JSON, and files by their number."""
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (_json(raw) if raw else None), {}
    body, files = None, dict[int, Upload]()
    for name, field in (await request.post()).items():
        if name == "payload_json":
            body = _json(field.file.read() if isinstance(field, web.FileField) else str(field))
        elif (match := FILE.fullmatch(name)) and isinstance(field, web.FileField):
            files[int(match[1])] = Upload(field.filename, field.content_type, field.file.read())
        else:
            raise malformed(f"The part {name!r} of a form is neither payload_json nor files[n].")
    return body or {}, files


def _json(raw: bytes | str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise malformed("The body is no JSON.") from None


def _major(path: dict[str, str]) -> str:
    """What has buckets of its own: a channel, a server, a webhook with its token."""
    names = ("channel_id", "guild_id", "webhook_token", "interaction_id")
    return next((path[name] for name in names if name in path), "")


def _channel(world: World, path: dict[str, str]) -> str:
    """Of a call by an interaction's token: the channel it happened in."""
    token = path.get("webhook_token") or path.get("interaction_token") or ""
    return path.get("channel_id") or world.interactions.channel(token)


def _without_token(path: str) -> str:
    return re.sub(r"/i-[\w-]+", "/…", path)
