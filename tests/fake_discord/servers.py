"""Servers and the app itself as Discord writes them."""

from typing import Any

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.permissions import allowed, granted
from tests.fake_discord.state import State

Json = dict[str, Any]
PUBLIC_KEY = "0" * 64


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
        "roles": [shapes.role(state, one.id) for one in state.roles.values() if one.guild == id_],
    }


def arriving_guild(state: State, id_: str) -> Json:
    """As the gateway brings it: with channels, threads and the bot's own membership."""
    rooms = [c for c in state.channels.values() if c.guild == id_ and not c.gone]
    visible = [c for c in rooms if allowed(state, c, seed_data.BOT)]
    people = [one for one in state.members.values() if one.guild == id_]
    return {
        **guild(state, id_),
        "joined_at": shapes.JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(people),
        "members": [shapes.member(state, id_, seed_data.BOT)],
        "channels": [shapes.channel(state, c) for c in rooms if not c.is_thread],
        "threads": [shapes.channel(state, c) for c in visible if c.is_thread and not c.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def own_guild(state: State, id_: str) -> Json:
    """As in the list of the bot's own servers."""
    found = state.guilds[id_]
    held = str(granted(state, id_, seed_data.BOT))
    return {"id": id_, "name": found.name, "icon": None, "banner": None, "owner": False, "permissions": held,
            "features": []}  # fmt: skip


def application(state: State, public: bool = True) -> Json:
    return {
        "id": seed_data.APP,
        "name": "threadwork",
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": shapes.user(state, seed_data.BOT),
        "owner": shapes.user(state, "203"),
        "team": None,
        "bot_public": public,
        "bot_require_code_grant": False,
        "verify_key": PUBLIC_KEY,
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
