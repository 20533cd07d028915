"""The Web API's door: one call's way to its answer."""

import base64
import json
import traceback
from typing import Any

from aiohttp import web

from tests.chat_platform import faults
from tests.chat_platform.answers import Answer, Interrupted, done, refused
from tests.fake_slack import contracts
from tests.fake_slack.call import Call
from tests.fake_slack.methods import SCOPES, TABLE
from tests.fake_slack.seed_data import APP_TOKEN, CONFIG_TOKEN, OLD_CONFIG_TOKEN, Team
from tests.fake_slack.world import World

Json = dict[str, Any]


async def answer(world: World, method: str, request: web.Request) -> Answer:
    """Take one call, record it, and say what to answer."""
    number = world.journal.arrive(method)
    try:
        given = await _handled(world, number, method, request)
    except Interrupted as interrupted:
        given = interrupted.answer
    except Exception:  # a bug of the fake must not pass for a 500 of Slack's
        world.journal.defects.append(f"{method}: {traceback.format_exc(limit=-3)}")
        raise
    world.journal.leave(number, given)
    error = given.body.get("error")
    if error and given.status == 200 and method in TABLE and error not in contracts.errors(method):
        world.journal.defects.append(f"{method} answered {error}, which is not in its contract.")
    return given


async def _handled(world: World, number: int, method: str, request: web.Request) -> Answer:
    raw = await _fields(request)
    token = raw.pop("token", "") or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if method == "oauth.v2.access":
        return _answer(world.tokens.access(raw, _basic(request)))
    if method not in TABLE:
        raise contracts.breach("unknown_method", f"There is no method {method}.")
    channel = str(raw.get("channel") or raw.get("channel_id") or "")
    world.journal.amend(number, channel=channel, arguments=raw)
    team = _team(world, method, token)
    world.journal.amend(number, team=team.id)
    call = Call(world, number, method, team, contracts.arguments(method, raw))
    world.journal.amend(number, arguments=call.arguments)
    world.limits(team.id).obeyed(method, channel)
    due = world.faults.due(method, channel, call.arguments)
    if instead := await faults.before(due):
        return _held(call, channel, instead)
    world.limits(team.id).take(method, channel)
    if (scope := SCOPES.get(method)) and scope not in world.settings.scopes:
        return _answer(_lacking(world, scope))
    made = done(TABLE[method](call))
    return await faults.after(due) or made


def _held(call: Call, channel: str, instead: Answer) -> Answer:
    """A 429 out of the blue has to be obeyed like any other: in the channel for posts, else in the workspace."""
    if instead.retry_after is None:
        return instead
    key = (call.method, channel if call.method == "chat.postMessage" else "")
    return call.world.limits(call.team.id).hold(key, instead.retry_after)


def _team(world: World, method: str, token: str) -> Team:
    if method == "apps.connections.open":
        if token != APP_TOKEN:
            raise Interrupted(refused("not_allowed_token_type" if token.startswith("xoxb") else "invalid_auth"))
        return next(iter(world.state.teams.values()))
    if method == "apps.manifest.create":
        return _maker(world, token)
    if token == APP_TOKEN:
        raise Interrupted(refused("not_allowed_token_type"))
    found = world.tokens.team(token)
    if isinstance(found, str):
        raise Interrupted(refused(found))
    return found


def _maker(world: World, token: str) -> Team:
    """A configuration token is a person's, in one workspace."""
    if token != CONFIG_TOKEN:
        known = {OLD_CONFIG_TOKEN: "token_expired", "": "not_authed"}
        kind = "not_allowed_token_type" if token.startswith(("xoxb", "xapp")) else "invalid_auth"
        raise Interrupted(refused(known.get(token, kind)))
    return next(iter(world.state.teams.values()))


async def _fields(request: web.Request) -> Json:
    """Arguments however they were sent: query, form, multipart or JSON."""
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise contracts.breach("invalid_json", "The body is no JSON.") from None
        return {**request.query, **body}
    return {**request.query, **(await request.post())}


def _basic(request: web.Request) -> tuple[str, str] | None:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return None
    login, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return login, password


def _lacking(world: World, scope: str) -> Json:
    provided = ",".join(world.settings.scopes)
    return {"ok": False, "error": "missing_scope", "needed": scope, "provided": provided}


def _answer(body: Json) -> Answer:
    return Answer(outcome="ok" if body["ok"] else "refused", body=body, delivered=bool(body["ok"]))
