"""What Slack sends, in the shape of its published samples."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.seed_data import APP, Channel, Team, User
from tests.fake_slack.state import Message, State

Json = dict[str, Any]
SAMPLES = Path(__file__).resolve().parents[1] / "contracts" / "slack" / "samples"
NOTHING = {"enterprise": None, "enterprise_id": None, "enterprise_name": None, "token": "verification-token"}
SOMETIMES = {
    "subtype", "bot_id", "bot_profile", "app_id", "username", "thread_ts", "parent_user_id", "edited", "metadata",
    "attachments", "files", "blocks", "upload", "display_as_bot", "user_profile", "user_team", "source_team",
    "client_msg_id", "view", "message", "channel", "state", "response_url", "app_unfurl", "bot_access_token",
    "function_data", "interactivity", "root", "reactions", "hidden", "team", "user", "authed_users", "authed_teams",
}  # fmt: skip  # the samples have whatever may ever be there; these are left out where they mean nothing
BEYOND = {  # what some sample of the kind has and another lacks, though Slack sends it
    "channel_type",
    "bot_id",
    "bot_profile",
    "metadata",
    "app_id",
    "blocks",
    "files",
    "parent_user_id",
    "thread_ts",
    "edited",
    "event_ts",
    "subtype",
    "username",
    "attachments",
    "tab",
    "reactions",
    "user_team",
    "source_team",
    "client_msg_id",
    "team",
}
EVENTS = {
    "message": "MessagePayload",
    "bot_message": "MessageBotPayload",
    "file_share": "MessageFileSharePayload",
    "message_changed": "MessageChangedPayload",
    "message_deleted": "MessageDeletedPayload",
    "thread_broadcast": "MessageThreadBroadcastPayload",
    "app_mention": "AppMentionPayload",
    "app_home_opened": "AppHomeOpenedPayload",
    "app_uninstalled": "AppUninstalledPayload",
    "tokens_revoked": "TokensRevokedPayload",
    "reaction_added": "ReactionAddedPayload",
    "reaction_removed": "ReactionAddedPayload",
}


@cache
def _sample(name: str) -> Json:
    return dict(json.loads(next(SAMPLES.glob(f"*__{name}.json")).read_text()))


@cache
def sample_keys(path: Path) -> frozenset[str]:
    """Fields of an attachment, as the sample of an event has it."""
    return frozenset(json.loads(path.read_text())["event"]["attachments"][0])


def like(name: str, given: Json) -> Json:
    """What is given, with the sample's other keys blank. What the sample does not know is an error of ours."""
    return _like(_sample(name), given)


def _like(sample: Json, given: Json) -> Json:
    if unknown := given.keys() - sample.keys() - BEYOND:
        raise AssertionError(f"Slack's samples have no {sorted(unknown)}.")
    blank = {name: NOTHING.get(name, value) for name, value in sample.items() if name not in SOMETIMES}
    return {**{name: value for name, value in blank.items() if name not in given}, **given}


def event(state: State, team: Team, given: Json) -> Json:
    """The envelope of an event. Everything that happens has an `event_id` of its own."""
    kind = given.get("subtype") or given["type"]
    name = EVENTS.get(kind) or EVENTS.get(given["type"])
    sample = _sample(name) if name else {**_sample("AppMentionPayload"), "event": given}
    authorization = {
        "enterprise_id": team.enterprise or None, "team_id": team.id, "user_id": team.bot_user, "is_bot": True,
    }  # fmt: skip
    place = state.channels.get(str(given.get("channel") or (given.get("item") or {}).get("channel") or ""))
    abroad = bool(place and {state.teams[id_].enterprise or id_ for id_ in place.teams[1:]} - {_home(state, place)})
    return _like(
        sample,
        {
            "type": "event_callback",
            "team_id": place.team if place and place.shared else team.id,  # bolt-js#687: whoever made the channel
            **({"is_ext_shared_channel": abroad} if "is_ext_shared_channel" in sample else {}),
            "api_app_id": APP,
            "event_id": state.number("Ev"),
            "event_time": int(time.time()),
            "event_context": state.number("EC"),
            "authorizations": [{**authorization, "is_enterprise_install": False}],
            "event": _like(sample["event"], {"event_ts": state.stamp(), **given}),
        },
    )


def _home(state: State, place: Channel) -> str:
    return state.teams[place.team].enterprise or place.team


def said(state: State, message: Message, type_: str = "message") -> Json:
    """The event `message` or `app_mention` that a message makes."""
    shown = shapes.message(state, message)
    for name in ("reply_count", "reply_users_count", "reply_users", "latest_reply", "reactions"):
        shown.pop(name, None)
    subtype = {"subtype": "file_share"} if message.files and type_ == "message" and not message.more else {}
    shown = {name: value for name, value in shown.items() if name != "subtype" or type_ == "message"}
    shown = {name: value for name, value in shown.items() if name != "user" or value}  # a workflow has none
    place = {"channel": message.channel, "event_ts": message.ts}
    kind = {"channel_type": state.channels[message.channel].kind} if type_ == "message" else {}
    own = {"client_msg_id": state.number("msg-")} if not message.bot_id else {}
    author = state.users.get(message.user)
    if author and type_ == "app_mention" and "mention" in author.called:
        own |= {"user_team": author.called["mention"], "source_team": author.called["mention"]}
    root = {"root": shapes.message(state, state.messages[message.thread_ts])} if _is_broadcast(shown) else {}
    return {**shown, **subtype, **place, **kind, **own, **root, "type": type_}


def _is_broadcast(shown: Json) -> bool:
    """https://docs.slack.dev/reference/events/message/thread_broadcast"""
    return shown.get("subtype") == "thread_broadcast"


def changed(state: State, before: Message, after: Message) -> Json:
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": after.channel,
        "channel_type": state.channels[after.channel].kind,
        "ts": state.stamp(),
        "message": shapes.message(state, after),
        "previous_message": shapes.message(state, before),
    }


def deleted(state: State, message: Message) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "channel": message.channel,
        "channel_type": state.channels[message.channel].kind,
        "ts": state.stamp(),
        "deleted_ts": message.ts,
        "previous_message": shapes.message(state, message),
    }


def slash(state: State, user: User, channel: Channel, command: str, text: str, trigger: str, url: str) -> Json:
    named = next((id_ for id_ in (user.called.get("command"), user.team) if id_ in channel.teams), channel.team)
    team = state.teams[named or channel.team]
    return like(
        "SlashCommandPayload",
        {
            "team_id": team.id,
            "team_domain": team.domain,
            **({"enterprise_id": team.enterprise} if team.enterprise else {}),
            "channel_id": channel.id,
            "channel_name": _called(channel),
            "user_id": user.id,
            "user_name": user.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": APP,
            "response_url": url,
            "trigger_id": trigger,
            "is_enterprise_install": "false",
        },
    )


def interaction(state: State, sample: str, team: Team, user: User, /, **more: Any) -> Json:
    """A click, a submission or a shortcut."""
    called = shapes.named(user, "click")
    person = {"id": user.id, "username": user.name.lower(), "name": user.name.lower(), "team_id": called}
    return like(
        sample,
        {
            "type": _sample(sample)["type"],
            "team": {"id": team.id, "domain": team.domain},
            "user": person,
            **({"api_app_id": APP} if "api_app_id" in _sample(sample) else {}),
            "is_enterprise_install": False,
            **more,
        },
    )


CALLED = {"im": "directmessage", "group": "privategroup"}  # whatever they are called


def _called(channel: Channel) -> str:
    return CALLED.get(channel.kind) or channel.name or "directmessage"


def place(channel: Channel) -> Json:
    return {"id": channel.id, "name": _called(channel)}
