"""Commands, clicks, windows and shortcuts: what the app must acknowledge to the person."""

from typing import Any

from tests.fake_slack import payloads, shapes
from tests.fake_slack.buttons import action
from tests.fake_slack.forms import Impossible, filled
from tests.fake_slack.journal import Delivery
from tests.fake_slack.state import Message
from tests.fake_slack.submissions import followed
from tests.fake_slack.user_session import UserSession

Json = dict[str, Any]
TIMED_OUT = "{command} failed with the error “operation_timeout”"


class Acts(UserSession):
    """Each method is one thing a person can do. Raises `Impossible` where no person could."""

    async def slash(self, user: str, channel: str, command: str, text: str = "") -> Json:
        person, place = self.person(user), self.place(user, channel)
        trigger = self.world.triggers.give(user)
        url = self.world.responses.url(place.team, channel, user)
        payload = payloads.slash(self.state, person, place, command, text, trigger, url)
        delivery = await self.world.carrier.deliver("slash_commands", command, place.team, payload)
        failed = {"text": TIMED_OUT.format(command=command)}
        self.world.responses.answered(place.team, channel, user, delivery.body if delivery.acked else failed)
        return _shown(delivery)

    async def click(self, user: str, ts: str, button: str, choice: Any = None, values: Json | None = None) -> Json:
        """On a message, an ephemeral one too."""
        message = self.message(user, ts)
        place = self.state.channels[message.channel]
        container = {
            "type": "message",
            "message_ts": ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.visible_to),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        more: Json = {
            "container": container,
            "channel": payloads.place(place),
            "state": {"values": filled(message.blocks, values or {}, strict=False)},
            "response_url": self.world.responses.url(message.team, place.id, user, ts, message.thread_ts),
        }
        if not message.visible_to:
            more["message"] = shapes.message(self.state, message, metadata=True)
        return await self._clicked(user, self._at(user, message), message.blocks, button, choice, more)

    async def click_in_view(
        self, user: str, button: str, choice: Any = None, values: Json | None = None, home: bool = False,
        team: str = "",
    ) -> Json:  # fmt: skip
        """In the window on top, or in the App Home of one of the person's workspaces; else of their own."""
        at = team or self.person(user).team
        view = self.world.windows.homes.get((at, user)) if home else self.top(user)
        if view is None:
            raise Impossible(f"{user} has no App Home.")
        view["state"] = {"values": filled(view["blocks"], values or {}, strict=False)}
        more = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        return await self._clicked(user, view["team_id"], view["blocks"], button, choice, more)

    async def submit_view(self, user: str, values: Json | None = None) -> Json:
        view = self.top(user)
        if not view["submit"]:
            raise Impossible("This window has nothing to submit.")
        view.pop("errors", None)
        view["state"] = {"values": filled(view["blocks"], self._with_files(user, view, values or {}))}
        delivery = await self._viewed("ViewSubmissionPayload", user, view)
        followed(self.world, user, view, delivery)
        return _shown(delivery)

    async def close_view(self, user: str) -> Json:
        view = self.top(user)
        self.world.windows.stacks[user].pop()
        if not view["notify_on_close"]:
            return {}
        return _shown(await self._viewed("ViewClosedPayload", user, view))

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Json:
        """On a message."""
        message, place = self.message(user, ts), self.place(user, channel)
        payload = payloads.interaction(
            self.state,
            "MessageShortcutPayload",
            self.state.teams[place.team],
            self.person(user),
            callback_id=callback_id,
            trigger_id=self.world.triggers.give(user),
            action_ts=self.state.stamp(),
            message_ts=ts,
            channel=payloads.place(place),
            message=shapes.message(self.state, message, metadata=True),
            response_url=self.world.responses.url(place.team, channel, user, ts, message.thread_ts),
        )
        return _shown(await self.world.carrier.deliver("interactive", "message_action", place.team, payload))

    async def _clicked(self, user: str, team: str, blocks: list[Json], button: str, choice: Any, more: Json) -> Json:
        payload = payloads.interaction(
            self.state,
            "BlockActionPayload",
            self.state.teams[team],
            self.person(user),
            trigger_id=self.world.triggers.give(user),
            actions=[action(blocks, button, choice, self.state.stamp())],
            **more,
        )
        return _shown(await self.world.carrier.deliver("interactive", "block_actions", team, payload))

    def _at(self, user: str, message: Message) -> str:
        """The workspace that a click names: of the bot whose message it is (bolt-js#1614); within an organisation any
        one in which the channel is (bolt-js#1875)."""
        own, place = self.person(user).called.get("click", ""), self.state.channels[message.channel]
        within = own in place.teams and self.state.teams[own].enterprise
        return own if within else message.team

    async def _viewed(self, sample: str, user: str, view: Json) -> Delivery:
        more = {"trigger_id": self.world.triggers.give(user)} if sample == "ViewSubmissionPayload" else {}
        team = self.state.teams[view["team_id"]]
        payload = payloads.interaction(self.state, sample, team, self.person(user), view=view, **more)
        return await self.world.carrier.deliver("interactive", payload["type"], team.id, payload)

    def _with_files(self, user: str, view: Json, values: Json) -> Json:
        """A value of name and content is a file that the person adds."""
        team = view["team_id"]
        return {
            key: [shapes.file(self.file(user, team, name, content)) for name, content in value.items()]
            if isinstance(value, dict)
            else value
            for key, value in values.items()
        }


def _shown(delivery: Delivery) -> Json:
    return delivery.model_dump(mode="json")
