"""Messages, reactions and visits: what reaches the app as events."""

import asyncio
import time
from typing import Any

from tests.fake_slack import payloads
from tests.fake_slack.forms import Impossible
from tests.fake_slack.journal import Delivery
from tests.fake_slack.user_session import UserSession

Json = dict[str, Any]


class Talk(UserSession):
    """Each method is one thing a person can do. Raises `Impossible` where no person could.

    `wait`: until the app acknowledged the events, or Slack gave up."""

    async def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, files: Json | None = None,
        broadcast: bool = False, wait: bool = True,
    ) -> Json:  # fmt: skip
        """`files`: name and content. A mention of the bot makes two events, as in Slack."""
        place = self.place(user, channel)
        message = self.state.add(
            team=place.team,
            channel=channel,
            user=user,
            text=text,
            thread_ts=self.root(thread_ts),
            broadcast=broadcast,
            files=tuple(self.file(user, place.team, name, content).id for name, content in (files or {}).items()),
        )
        bots = [team.bot_user for team in self.state.installed(channel)]
        named = [bot for bot in bots if f"<@{bot}>" in text and place.kind != "im"]
        mention = payloads.said(self.state, message, "app_mention")
        told = [self._told(channel, mention, bot) for bot in named]
        told += [self._told(channel, payloads.said(self.state, message))] if bots else []
        return {"ts": message.ts, **await self._waited(told, wait)}

    async def mention(self, user: str, channel: str, text: str, team: str = "", **more: Any) -> Json:
        """`team`: whose bot; else of the workspace that made the channel."""
        bot = (self.state.teams[team] if team else self.state.team_of(channel)).bot_user
        return await self.say(user, channel, f"<@{bot}> {text}", **more)

    async def edit_message(self, user: str, channel: str, ts: str, text: str, wait: bool = True) -> Json:
        message = self.own(user, ts)
        version = self.state.version(text, [])
        after = self.state.change(message, versions=(*message.versions, version))
        return await self._waited([self._told(message.channel, payloads.changed(self.state, message, after))], wait)

    async def delete_message(self, user: str, channel: str, ts: str, wait: bool = True) -> Json:
        """One's own; of the bot's, as an administrator may."""
        message = self.message(user, ts)
        if message.user != user and not message.bot_id:
            raise Impossible(f"{user} did not write {ts}.")
        self.state.change(message, deleted_at=time.time())
        return await self._waited([self._told(message.channel, payloads.deleted(self.state, message))], wait)

    async def react(self, user: str, channel: str, ts: str, name: str, remove: bool = False, wait: bool = True) -> Json:
        message = self.message(user, ts)
        who = [one for one in message.reactions.get(name, ()) if one != user] + ([] if remove else [user])
        reactions = {**message.reactions, name: tuple(who)}
        self.state.change(message, reactions={name: users for name, users in reactions.items() if users})
        event = {
            "type": "reaction_removed" if remove else "reaction_added",
            "user": user,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": channel, "ts": ts},
        }
        return await self._waited([self._told(channel, event)], wait)

    async def open_home(self, user: str, tab: str = "home", team: str = "", wait: bool = True) -> Json:
        """`team`: in which of the person's workspaces; else their own."""
        team = team or self.person(user).team
        channel = self.state.direct(team, user)
        view = self.world.windows.homes.get((team, user))
        event = {"type": "app_home_opened", "user": user, "channel": channel.id if channel else "", "tab": tab}
        return await self._tell(team, [event | ({"view": view} if view else {})], wait)

    async def agent_session_stopped(self, user: str, channel: str, thread_ts: str, wait: bool = True) -> Json:
        """Slack's own stop button, which shows only while the agent is processing."""
        session = self.state.sessions.get((channel, thread_ts))
        if session is None or session.status != "processing":
            raise Impossible("There is no stop button: the agent is not processing.")
        streams = [m for m in self.state.messages.values() if m.thread_ts == thread_ts and m.streaming is not None]
        for message in streams:
            self.state.change(message, streaming=None)
        event = {
            "type": "agent_session_stopped",
            "channel": channel,
            "thread_ts": thread_ts,
            "user": user,
            "streaming_message_ts": [message.ts for message in streams],
        }
        return await self._waited([self._told(channel, event)], wait)

    async def uninstall(self, team: str, wait: bool = True) -> Json:
        """The app is removed: its tokens are dead from now on."""
        self.world.tokens.revoke(team)
        bot = self.state.teams[team].bot_user
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}}
        return await self._tell(team, [{"type": "app_uninstalled"}, revoked], wait)

    async def _tell(self, team: str, events: list[Json], wait: bool) -> Json:
        listened = self.world.carrier.listened_to
        return await self._waited([[self.world.tell(team, event) for event in events] if listened else []], wait)

    def _told(self, channel: str, event: Json, named: str = "") -> list[asyncio.Task[Delivery]]:
        return self.world.tell_of(channel, event, named) if self.world.carrier.listened_to else []

    async def _waited(self, told: list[list[asyncio.Task[Delivery]]], wait: bool) -> Json:
        tasks = [task for tasks in told for task in tasks]
        if not wait:
            return {"deliveries": []}
        return {"deliveries": [one.model_dump(mode="json") for one in await asyncio.gather(*tasks)]}
