"""auth.test, apps.*, blocks.validate: who is calling, and how an app gets in, or comes to be."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from tests.chat_platform.answers import Answer, Interrupted
from tests.fake_slack import shapes
from tests.fake_slack.blocks import problems
from tests.fake_slack.call import Call

SCHEMA = Path(__file__).resolve().parents[2] / "contracts" / "slack" / "manifest.schema.2.0.0.json"
Json = dict[str, Any]


def auth_test(call: Call) -> Json:
    return {
        "url": f"https://{call.team.domain}.slack.com/",
        "team": call.team.name,
        "user": "threadwork",
        "team_id": call.team.id,
        "user_id": call.team.bot_user,
        "bot_id": call.team.bot_id,
        "is_enterprise_install": False,
        **({"enterprise_id": call.team.enterprise} if call.team.enterprise else {}),
    }


def connections_open(call: Call) -> Json:
    ticket = call.world.sockets.ticket()
    return {"url": f"{shapes.BASE['url'].replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id=A1"}


def manifest_create(call: Call) -> Json:
    """By Slack's own schema, and by the rule that its documentation shows: requests arrive somewhere."""
    manifest = _manifest(call)
    found = [_fault(error.absolute_path, error.message) for error in _schema().iter_errors(manifest)]
    if found := found or _nowhere(manifest):
        body = {"ok": False, "error": "invalid_manifest", "errors": found}
        raise Interrupted(Answer(outcome="refused", body=body, violation=f"apps.manifest.create: {found}"))
    state = call.world.state
    client = state.number("1.")
    secrets = {name: state.number(f"{name}-") for name in ("client_secret", "verification_token", "signing_secret")}
    return {
        "app_id": state.number("A"),
        "credentials": {"client_id": client, **secrets},
        "oauth_authorize_url": f"{shapes.BASE['url']}/oauth/v2/authorize?client_id={client}&scope=commands",
    }


def _manifest(call: Call) -> Json:
    """Encoded twice: an object would be `invalid_arguments`."""
    try:
        found = json.loads(call.get("manifest"))
    except ValueError:
        raise call.breach("the manifest is no JSON.", "invalid_manifest") from None
    return dict(found)


@cache
def _schema() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text()))


def _nowhere(manifest: Json) -> list[Json]:
    settings = manifest.get("settings", {})
    if settings.get("socket_mode_enabled"):
        return []
    told = {"event_subscriptions": "Event Subscription requires either Request URL or Socket Mode Enabled"}
    told |= {"interactivity": "Interactivity requires a Request URL"}
    lacking = [name for name in told if name in settings and not settings[name].get("request_url")]
    return [_fault(("settings", name), told[name]) for name in lacking]


def _fault(path: Any, message: str) -> Json:
    return {"message": message, "pointer": "/" + "/".join(map(str, path))}


def blocks_validate(call: Call) -> Json:
    """What is wrong with blocks that nobody is sent."""
    blocks = call.get("blocks", [])
    if found := problems(json.loads(blocks) if isinstance(blocks, str) else blocks, "message"):
        raise call.breach(found[0], "invalid_blocks")
    return {}


METHODS = {
    "blocks.validate": blocks_validate,
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "apps.manifest.create": manifest_create,
}
