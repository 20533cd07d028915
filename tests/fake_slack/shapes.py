"""How Slack writes messages, users, channels and files down, for answers and payloads alike."""

from typing import Any

from tests.fake_slack.seed_data import APP, Channel, Team, User
from tests.fake_slack.state import File, Message, State

Json = dict[str, Any]


def message(state: State, about: Message, metadata: bool = False) -> Json:
    shown: Json = {
        "type": "message",
        "user": about.user,
        "team": named(state.users[about.user], "message") if about.user in state.users else about.team,
        "text": about.text,
        "ts": about.ts,
    }
    if about.blocks:
        shown["blocks"] = about.blocks
    if about.bot_id:
        shown |= {"bot_id": about.bot_id, "app_id": APP, "bot_profile": {"id": about.bot_id, "app_id": APP}}
    shown |= about.more
    if len(about.versions) > 1:
        shown["edited"] = {"user": about.user, "ts": f"{about.versions[-1].at:.0f}.000000"}
    if about.files:
        shown["files"] = [file(state.files[id_]) for id_ in about.files if id_ in state.files]
    if about.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in about.reactions.items()
        ]
    if metadata and about.metadata:
        shown["metadata"] = about.metadata
    return shown | _thread(state, about)


def _thread(state: State, about: Message) -> Json:
    if about.thread_ts:
        root = state.messages[about.thread_ts]
        shown = {"thread_ts": about.thread_ts, "parent_user_id": root.user}
        return {**shown, "subtype": "thread_broadcast"} if about.broadcast else shown
    replies = state.replies(about)
    if not replies:
        return {}
    return {
        "thread_ts": about.ts,
        "reply_count": len(replies),
        "reply_users_count": len({reply.user for reply in replies}),
        "reply_users": sorted({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
    }


def named(about: User, kind: str) -> str:
    """The team that a payload of this kind names for the person."""
    return about.called.get(kind, about.team)


def user(about: User, asked_by: str) -> Json:
    """As a workspace knows the person: nobody is a stranger at home."""
    grid = {"id": about.id, "enterprise_id": about.enterprise, "teams": list(about.teams)} if about.enterprise else {}
    return {
        **({"enterprise_user": grid} if grid else {}),
        "is_restricted": about.is_restricted or about.is_ultra_restricted,
        "is_ultra_restricted": about.is_ultra_restricted,
        **({"is_stranger": True} if about.is_stranger and asked_by != about.team else {}),
        "id": about.id,
        "team_id": about.team,
        "name": about.name.lower(),
        "real_name": about.name,
        "deleted": False,
        "is_bot": about.is_bot,
        "tz": "Europe/London",
        "profile": {"real_name": about.name, "display_name": about.name, "team": about.team},
    }


def channel(about: Channel, asked_by: Team) -> Json:
    shown = {
        "id": about.id,
        "name": about.name,
        "is_channel": about.kind == "channel",
        "is_group": about.kind == "group",
        "is_im": about.kind == "im",
        "is_mpim": about.kind == "mpim",
        "is_private": about.kind != "channel",
        "is_archived": about.is_archived,
        "is_member": asked_by.bot_user in about.members,
        "is_shared": bool(about.shared),
        "context_team_id": asked_by.id,
        "num_members": len(about.members),
    }
    return {**shown, "user": about.user} if about.kind == "im" else shown


BASE = {"url": ""}  # where this Slack is, known once it listens


def file(about: File, asked: bool = False) -> Json:
    """`asked`: for it, as files.info is.

    https://docs.slack.dev/reference/objects/file-object/#slack_connect_files"""
    if about.stub and not asked:
        return {"id": about.id, "created": 0, "mode": "file_access", "file_access": "check_file_info"}
    where = f"{BASE['url']}/files/{about.id}/{about.name}"
    return {
        "id": about.id,
        "name": about.name,
        "title": about.title or about.name,
        "mimetype": about.mimetype,
        "filetype": about.name.rpartition(".")[2] or "text",
        "user": about.user,
        "size": about.size,
        "mode": "hosted",
        "is_external": False,
        "url_private": where,
        "url_private_download": where,
        "permalink": f"{BASE['url']}/permalink/{about.id}",
        **about.more,
    }
