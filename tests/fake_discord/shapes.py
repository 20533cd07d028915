"""People, channels and messages as Discord writes them."""

from datetime import UTC, datetime
from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.permissions import bits, overwrites
from tests.fake_discord.seed_data import Channel
from tests.fake_discord.state import REPLY, File, Message, State

Json = dict[str, Any]
BASE = {"url": ""}  # where the fake is; set when it listens
JOINED = "2024-01-01T00:00:00+00:00"


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
    return {**user(state, seed_data.BOT), "verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}


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
        "managed": id_ in seed_data.OWN_ROLES,
        **({"tags": {"bot_id": seed_data.BOT}} if id_ in seed_data.OWN_ROLES else {}),
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
        **({"member": thread_member(it, seed_data.BOT)} if seed_data.BOT in it.joined else {}),
    }


def thread_member(it: Channel, who: str) -> Json:
    return {"id": it.id, "user_id": who, "join_timestamp": time(it.since), "flags": 0}


def _last(state: State, it: Channel) -> str | None:
    return next((m.id for m in reversed(state.seen(it.id))), None)


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
        "embeds": [_embed(embed) for embed in version.embeds],
        "components": version.components,
        "flags": version.flags,
    }
    if it.reactions:
        made["reactions"] = [reaction(emoji, users) for emoji, users in it.reactions.items()]
    if nonce and it.nonce:
        made["nonce"] = it.nonce
    if it.interaction:
        made |= {"interaction_metadata": it.interaction, "application_id": seed_data.APP, "webhook_id": seed_data.APP}
    if it.id in state.channels and it.id != it.channel and not state.channels[it.id].gone:
        made["thread"] = channel(state, state.channels[it.id])
    if it.webhook:
        made["webhook_id"] = it.webhook
    if it.stickers:
        made["sticker_items"] = it.stickers
    if it.snapshots:
        made["message_snapshots"] = [{"message": one} for one in it.snapshots]
    if it.refers_to:
        made |= _reference(state, it, place, deep)
    return made


def _reference(state: State, it: Message, place: Channel, deep: bool) -> Json:
    found = state.messages.get(it.refers_to)
    where = found.channel if found else place.id
    reference = {"type": 1 if it.snapshots else 0, "message_id": it.refers_to, "channel_id": where}
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
    """People and roles that the content names, in order; and whom an answer calls."""
    words = it.now.content.replace("<@!", "<@").replace("<@&", "<@").split("<@")[1:]
    ids = [word.partition(">")[0] for word in words if ">" in word]
    replied = state.messages.get(it.refers_to) if it.pings else None
    ids += [replied.author] if replied else []
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
        "me": seed_data.BOT in users,
    }


def _embed(sent: Json) -> Json:
    """An embed as it comes back: what was left out is filled in."""
    filled = {"fields": [{"inline": False, **field} for field in sent["fields"]]} if "fields" in sent else {}
    return {"type": "rich", **sent, **filled}
