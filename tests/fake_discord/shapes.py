"""Objects as Discord writes them."""

from datetime import UTC, datetime
from typing import Any

from tests.fake_discord import cast
from tests.fake_discord.cast import Channel
from tests.fake_discord.permissions import allowed, bits, granted, overwrites
from tests.fake_discord.state import REPLY, File, Message, State

Json = dict[str, Any]
BASE = {"url": ""}  # where the fake is; set when it listens
JOINED = "2024-01-01T00:00:00+00:00"
PUBLIC_KEY = "0" * 64


def time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def user(state: State, id_: str) -> Json:
    found = state.users[id_]
    return {
        "id": id_,
        "username": found.name.lower(),
        "global_name": None if found.is_bot else found.name,
        "discriminator": "0",
        "avatar": None,
        "bot": found.is_bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def me(state: State) -> Json:
    return {**user(state, cast.BOT), "verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}


def member(state: State, guild: str, id_: str, person: bool = True) -> Json:
    """`person`: with the user, as everywhere but inside a message."""
    found = state.members[guild, id_]
    return {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": list(found.roles),
        "joined_at": JOINED,
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        **({"user": user(state, id_)} if person else {}),
    }


def role(state: State, id_: str) -> Json:
    found = state.roles[id_]
    return {
        "id": id_,
        "name": found.name,
        "description": None,
        "permissions": str(bits(found.permissions)),
        "position": 0 if id_ == found.guild else 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": id_ in ("79", "89"),
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(state: State, it: Channel) -> Json:
    return (_thread if it.is_thread else _direct if it.direct else _room)(state, it)


def _room(state: State, it: Channel) -> Json:
    return {
        "id": it.id,
        "type": it.type,
        "guild_id": it.guild,
        "name": it.name,
        "topic": None,
        "position": 0,
        "nsfw": False,
        "flags": 0,
        "rate_limit_per_user": 0,
        "parent_id": None,
        "last_message_id": _last(state, it),
        "permission_overwrites": overwrites(it),
    }


def _direct(state: State, it: Channel) -> Json:
    people = [user(state, it.user)]
    return {"id": it.id, "type": 1, "flags": 0, "last_message_id": _last(state, it), "recipients": people}


def _thread(state: State, it: Channel) -> Json:
    stamp = time(it.since)
    count = len([m for m in state.seen(it.id) if m.id != it.id])
    return {
        "id": it.id,
        "type": it.type,
        "guild_id": it.guild,
        "parent_id": it.parent,
        "owner_id": it.owner,
        "name": it.name,
        "flags": 0,
        "rate_limit_per_user": 0,
        "last_message_id": _last(state, it),
        "message_count": count,
        "total_message_sent": count,
        "member_count": len(it.joined),
        "thread_metadata": {
            "archived": it.archived,
            "locked": it.locked,
            "auto_archive_duration": it.minutes,
            "archive_timestamp": stamp,
            "create_timestamp": stamp,
        },
        **({"member": thread_member(it, cast.BOT)} if cast.BOT in it.joined else {}),
    }


def thread_member(it: Channel, who: str) -> Json:
    return {"id": it.id, "user_id": who, "join_timestamp": time(it.since), "flags": 0}


def _last(state: State, it: Channel) -> str | None:
    return next((m.id for m in reversed(state.seen(it.id))), None)


def guild(state: State, id_: str) -> Json:
    found = state.guilds[id_]
    return {
        "id": id_,
        "name": found.name,
        "owner_id": found.owner,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "application_id": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 250_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
        "roles": [role(state, one.id) for one in state.roles.values() if one.guild == id_],
    }


def arriving_guild(state: State, id_: str) -> Json:
    """As the gateway brings it: with channels, threads and the bot's own membership."""
    rooms = [c for c in state.channels.values() if c.guild == id_ and not c.gone]
    visible = [c for c in rooms if allowed(state, c, cast.BOT)]
    people = [one for one in state.members.values() if one.guild == id_]
    return {
        **guild(state, id_),
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(people),
        "members": [member(state, id_, cast.BOT)],
        "channels": [channel(state, c) for c in rooms if not c.is_thread],
        "threads": [channel(state, c) for c in visible if c.is_thread and not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def own_guild(state: State, id_: str) -> Json:
    """As in the list of the bot's own servers."""
    found = state.guilds[id_]
    held = str(granted(state, id_, cast.BOT))
    return {"id": id_, "name": found.name, "icon": None, "banner": None, "owner": False, "permissions": held,
            "features": []}  # fmt: skip


def attachment(file: File) -> Json:
    url = f"{BASE['url']}/attachments/{file.id}/{file.name}"
    return {
        "id": file.id,
        "filename": file.name,
        "size": len(file.content),
        "url": url,
        "proxy_url": url,
        "content_type": file.type,
        **({"ephemeral": True} if file.ephemeral else {}),
        **({"description": file.description} if file.description else {}),
    }


def message(state: State, it: Message, nonce: bool = False, deep: bool = True) -> Json:
    """`nonce`: only where the message is new. `deep`: with the message it replies to."""
    version = it.now
    place = state.channels[it.channel]
    mentions = mentioned(state, it)
    made: Json = {
        "id": it.id,
        "type": it.type,
        "channel_id": it.channel,
        "author": user(state, it.author),
        "content": version.content,
        "timestamp": time(it.at),
        "edited_timestamp": time(version.at) if len(it.versions) > 1 else None,
        "tts": False,
        "pinned": False,
        "mention_everyone": "@everyone" in version.content or "@here" in version.content,
        "mentions": [user(state, one) for one in mentions if one in state.users],
        "mention_roles": [one for one in mentions if one in state.roles],
        "attachments": [attachment(state.files[id_]) for id_ in version.files],
        "embeds": [{"type": "rich", **embed} for embed in version.embeds],
        "components": version.components,
        "flags": version.flags,
    }
    if it.reactions:
        made["reactions"] = [reaction(emoji, users) for emoji, users in it.reactions.items()]
    if nonce and it.nonce:
        made["nonce"] = it.nonce
    if it.interaction:
        made |= {"interaction_metadata": it.interaction, "application_id": cast.APP, "webhook_id": cast.APP}
    if it.id in state.channels and it.id != it.channel and not state.channels[it.id].gone:
        made["thread"] = channel(state, state.channels[it.id])
    if it.refers_to:
        made |= _reference(state, it, place, deep)
    return made


def _reference(state: State, it: Message, place: Channel, deep: bool) -> Json:
    found = state.messages.get(it.refers_to)
    where = found.channel if found else place.id
    reference = {"type": 0, "message_id": it.refers_to, "channel_id": where}
    if place.guild:
        reference["guild_id"] = place.guild
    if it.type != REPLY or not deep:
        return {"message_reference": reference}
    there = found and not found.deleted
    return {
        "message_reference": reference,
        "referenced_message": message(state, found, deep=False) if found and there else None,
    }


def mentioned(state: State, it: Message) -> list[str]:
    """People and roles that the content names, in order."""
    words = it.now.content.replace("<@!", "<@").replace("<@&", "<@").split("<@")[1:]
    ids = [word.partition(">")[0] for word in words if ">" in word]
    return list(dict.fromkeys(one for one in ids if one in state.users or one in state.roles))


def reaction(emoji: str, users: tuple[str, ...]) -> Json:
    name, _, id_ = emoji.partition(":")
    return {
        "emoji": {"id": id_ or None, "name": name},
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": cast.BOT in users,
    }


def application(state: State) -> Json:
    return {
        "id": cast.APP,
        "name": "threadwork",
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user(state, cast.BOT),
        "owner": user(state, "203"),
        "team": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": PUBLIC_KEY,
        "rpc_origins": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "event_webhooks_status": 1,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}},
    }
