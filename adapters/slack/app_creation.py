"""How the app comes to be: by `apps.manifest.create`, or by a link that fills in its manifest."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from slack_sdk.errors import SlackApiError

from threadwork.adapters.chat.one_try import NOW, unanswered
from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import code, refused
from threadwork.adapters.wording.card_words import clean
from threadwork.workflows.errors import ChatUnavailable, Rejected, ThreadworkError

APPS = "https://api.slack.com/apps"
NEW_TOKEN = f"Make a new one at {APPS}, under Your App Configuration Tokens, and set SLACK_CONFIG_TOKEN."
LOOK_FIRST = f"It may be there all the same: look at {APPS} before you try again."
MAX_FAULTS = 20  # of a manifest that are told
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CreatedApp:
    """What Slack says of a new app. No `repr` shows its secrets."""

    app_id: str
    client_id: str
    client_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)

    def page(self, name: str = "") -> str:
        """Address of one of its pages: `general`, `oauth`, `install-on-team`."""
        return f"{APPS}/{self.app_id}/{name}".rstrip("/")


def creation_link(manifest: Json) -> str:
    """Where a browser shows the new app, filled in (docs.slack.dev, "Configuring apps with app manifests").

    As JSON: Slack takes YAML, too, and names no limit; ours has under 3,000 characters. A space is %20, never +."""
    written = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
    return f"{APPS}?{urlencode({'new_app': 1, 'manifest_json': written}, quote_via=quote, safe='')}"


async def create_app(token: str, api_url: str | None, manifest: Json) -> CreatedApp:
    """`token`: a configuration token, `xoxe.xoxp-…`. Tried once: a second call would make a second app.

    Raises `Rejected` where certainly none was made, `ChatUnavailable` where nobody knows."""
    try:
        with unanswered("Slack"):
            answer = await web_client(api_url, token).api_call(
                "apps.manifest.create", json={"manifest": json.dumps(manifest)}
            )
    except SlackApiError as error:
        raise _refusal(error) from None  # its text shows what was sent
    except ChatUnavailable as away:
        raise _away(away) from None
    return _created(dict(answer.data) if isinstance(answer.data, dict) else {})


def _created(answer: Json) -> CreatedApp:
    """Raises `ChatUnavailable` for an answer that cannot be Slack's: it would end up in a file."""
    secrets = answer.get("credentials") or {}
    names = ("client_id", "client_secret", "signing_secret")
    found = {"app_id": str(answer.get("app_id")), **{name: str(secrets.get(name)) for name in names}}
    if odd := [name for name, value in found.items() if value == "None" or not re.fullmatch(r"[\w.-]+", value)]:
        raise ChatUnavailable(f"Slack made the app, but its answer has no {' and no '.join(odd)}.", LOOK_FIRST)
    return CreatedApp(**found)


def _away(away: ChatUnavailable) -> ThreadworkError:
    if away.retry_after == NOW:
        hint = "Check the connection to the internet, a proxy, and SLACK_API_URL if it is set."
        return Rejected(f"{away.detail} No app was made.", hint)
    return ChatUnavailable(away.detail, LOOK_FIRST)


def _refusal(error: SlackApiError) -> ThreadworkError:
    said = code(error)
    if said == "invalid_manifest":
        return Rejected("\n".join(["Slack does not accept the manifest:", *_faults(error)]))
    if said in REFUSALS:
        return Rejected(*REFUSALS[said])
    meant = refused(error, "")
    if not isinstance(meant, ChatUnavailable):
        return Rejected(f"Slack refused to make the app: {clean(said)}.")
    if meant.retry_after is None:
        return ChatUnavailable(meant.detail, LOOK_FIRST)
    return Rejected(f"{meant.detail} No app was made.", f"Try again in {max(1, round(meant.retry_after))} seconds.")


def _faults(error: SlackApiError) -> list[str]:
    """`/settings/interactivity: Interactivity requires a Request URL`, one a line."""
    listed = error.response.get("errors")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    told = [f"  {clean(str(one.get('pointer') or '/'))}: {clean(str(one.get('message')))}" for one in found]
    return told[:MAX_FAULTS] or ["  It does not say why."]


_DEAD = ("Slack does not accept SLACK_CONFIG_TOKEN.", NEW_TOKEN)
_NOT_YOU = ("You may not make apps in this workspace.", "Ask whoever manages its apps.")
REFUSALS: dict[str, tuple[str, str]] = {
    "token_expired": ("SLACK_CONFIG_TOKEN has expired: such tokens are good for twelve hours.", NEW_TOKEN),
    "not_allowed_token_type": (
        "SLACK_CONFIG_TOKEN is a token of another kind.",
        f"It begins with xoxe.xoxp-. {NEW_TOKEN}",
    ),
    **dict.fromkeys(("invalid_auth", "not_authed", "token_revoked", "account_inactive"), _DEAD),
    **dict.fromkeys(("access_denied", "no_permission", "restricted_action", "missing_scope"), _NOT_YOU),
    "enterprise_is_restricted": (
        "Slack makes no apps for a whole organisation in this way.",
        "Make the token in one of its workspaces.",
    ),
}
