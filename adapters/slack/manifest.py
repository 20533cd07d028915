"""The app's manifest: what Slack is told of it (docs.slack.dev, "App manifest reference", schema 2.0.0)."""

from typing import Any

from threadwork.adapters.setting_kinds import command_word
from threadwork.adapters.slack.scopes import wanted
from threadwork.workflows.errors import Rejected
from threadwork.workflows.slash_commands import COMMANDS
from threadwork.workflows.slash_name import AGENT

NAME_LIMIT = 35  # characters
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "tokens_revoked",
)
SHORTCUT = "ask_agent"  # callback id
STOPPED = "agent_session_stopped"  # Slack's own stop button; only an agent has it
DESCRIPTION = "Durable AI agents that work in your threads"
LONG_DESCRIPTION = (
    "Give an agent a goal with {command}, a mention or a direct message. Its thread shows what it does, what it plans "
    "and what it spends. It asks when it needs an answer, waits for an approval before it changes anything, and can be "
    "paused, resumed, stopped and talked to. A crash anywhere loses nothing and repeats nothing."
)
Json = dict[str, Any]


def manifest(
    url: str = "", name: str = "Threadwork", agent: bool = True, oauth: bool = False, command: str = AGENT
) -> Json:
    """As JSON. `url`: where Slack reaches the bot, such as https://bot.example.com; empty: Socket Mode.

    `agent`: the app is declared an agent, as Slack wants it of new ones.
    `oauth`: several workspaces install it by themselves; needs `url`.
    `command`: what its slash command is called.
    Raises `Rejected`."""
    base = _base(url)
    if oauth and not base:
        raise Rejected("Several workspaces need a URL: Slack sends browsers back to it.", "Add --url https://….")
    if not 0 < len(name) <= NAME_LIMIT:
        raise Rejected(f"A name has 1 to {NAME_LIMIT} characters.")
    try:
        command = command_word(command)
    except ValueError as error:
        raise Rejected(f"The command {error}.") from None
    return {
        "display_information": _display(name, command),
        "features": _features(base, name, agent, command),
        "oauth_config": _oauth(base if oauth else "", agent),
        "settings": _settings(base, agent, oauth),
    }


def _base(url: str) -> str:
    if url and not (url.startswith("https://") and len(url) > len("https://")):
        raise Rejected("Slack speaks to https:// URLs only.", "Without --url the app uses Socket Mode and needs none.")
    return url.rstrip("/")


def _display(name: str, command: str) -> Json:
    return {
        "name": name,
        "description": DESCRIPTION,
        "long_description": LONG_DESCRIPTION.format(command=command),
        "background_color": "#1f2937",
    }


def _features(base: str, name: str, agent: bool, command: str) -> Json:
    home = {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    return {
        "app_home": home,
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {
                "name": "Ask an agent about this",
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Give an agent a goal, with this message as context",
            }
        ],
        "slash_commands": [_command(base, command)],
        **({"agent_view": _agent_view()} if agent else {}),
    }


def _command(base: str, name: str) -> Json:
    """`should_escape`: channels and people arrive as ids, whatever their names are by then."""
    hint = " | ".join(f"{row.word} {row.usage}" if row.word == "run" else row.word for row in COMMANDS if row.hinted)
    said = {"command": name, "description": "Give an agent a goal", "usage_hint": hint, "should_escape": True}
    return {**said, **_at(base, "url")}


def _agent_view() -> Json:
    prompts = [("What can you do?", "help"), ("What is going on?", "list")]
    return {
        "agent_description": DESCRIPTION,
        "suggested_prompts": [{"title": title, "message": message} for title, message in prompts],
    }


def _oauth(base: str, agent: bool) -> Json:
    redirect = {"redirect_urls": [f"{base}/slack/oauth_redirect"]} if base else {}
    return {**redirect, "scopes": {"bot": sorted(scope.name for scope in wanted(agent))}}


def _settings(base: str, agent: bool, oauth: bool) -> Json:
    """Tokens rotate with OAuth alone: a token that is configured once could not be renewed."""
    return {
        "event_subscriptions": {"bot_events": sorted([*EVENTS, *([STOPPED] if agent else [])]), **_at(base)},
        "interactivity": {"is_enabled": True, **_at(base)},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not base,
        "token_rotation_enabled": oauth,
    }


def _at(base: str, field: str = "request_url") -> Json:
    return {field: f"{base}/slack/events"} if base else {}
