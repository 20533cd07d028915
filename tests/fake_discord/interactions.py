"""Interactions: what a person did, until the app has responded, and what it says about it later."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fake_discord import seed_data
from tests.fake_discord.answers import refused
from tests.fake_discord.journal import Delivery
from tests.fake_discord.permissions import allowed
from tests.fake_discord.seed_data import Channel
from tests.fake_discord.shapes import channel, member, message, user
from tests.fake_discord.state import Message

if TYPE_CHECKING:
    from tests.fake_discord.world import World

Json = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
NAMES = {COMMAND: "command", COMPONENT: "component", AUTOCOMPLETE: "autocomplete", MODAL: "modal"}
FILES = 10 * 1024 * 1024  # bytes of a file


@dataclass
class Interaction:
    id: str
    token: str
    type: int
    user: str
    channel: str
    clicked: str = ""  # id of the message whose component it was
    source: Json = field(default_factory=dict)  # metadata for messages that come of it
    at: float = field(default_factory=time.monotonic)
    responded: int = 0  # type of the first response; 0: none yet
    original: str = ""  # id of the first response's message, or of the clicked one
    messages: list[str] = field(default_factory=list)  # ids of all that came of it
    choices: list[Json] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Window:
    """A modal that a person has open."""

    id: str
    form: Json  # as the app sent it
    channel: str
    source: Json  # metadata of the interaction that opened it
    clicked: str = ""  # id of the message whose button opened it
    problem: str = ""


class Interactions:
    def __init__(self, world: "World") -> None:
        self.by_id: dict[str, Interaction] = {}
        self.deliveries: dict[str, Delivery] = {}  # by interaction
        self.windows: dict[str, Window] = {}  # by person
        self._by_token: dict[str, Interaction] = {}
        self._world = world

    async def deliver(
        self, type_: int, person: str, place: Channel, data: Json, clicked: str = "", opened_by: Json | None = None
    ) -> Interaction:
        """Returns once the app responded, or when it is too late. `opened_by`: of a modal, whence it came."""
        state, settings = self._world.state, self._world.settings
        made = Interaction(state.id(), f"i-{secrets.token_urlsafe(40)}", type_, person, place.id, clicked)
        made.source = self._metadata(made, data)
        if opened_by:
            made.source["triggering_interaction_metadata"] = opened_by
        self.by_id[made.id] = self._by_token[made.token] = made
        payload = self._payload(made, place, data)
        delivery = self._world.journal.deliver(NAMES[type_], person, place.id, payload)
        self.deliveries[made.id] = delivery
        delivery.sockets = self._world.gateway.interaction(place.guild, payload, 2 if settings.twice else 1)
        try:
            await asyncio.wait_for(made.done.wait(), settings.response_seconds)
        except TimeoutError:
            delivery.late = bool(made.responded)
        return made

    def first(self, id_: str, token: str, number: int) -> Interaction:
        """The interaction whose first response this is. Raises `Interrupted`."""
        found = self.by_id.get(id_)
        if found is None or found.token != token:
            raise refused(10_062, f"There is no interaction {id_} with this token.")
        delivery = self.deliveries[id_]
        delivery.acks += 1
        waited = time.monotonic() - found.at
        if found.responded:
            alone = len(delivery.sockets) == 1 and "answer_lost" not in self._outcomes(id_)
            raise refused(40_060, "An interaction that came once was acknowledged twice." if alone else "")
        if waited > self._world.settings.response_seconds:
            raise refused(10_062, f"The first response came after {waited:.3f} s.")
        return found

    def respond(self, found: Interaction, body: Json) -> None:
        """It was responded to: the person need not wait any longer."""
        found.responded = body["type"]
        delivery = self.deliveries[found.id]
        delivery.acked, delivery.body = True, body
        delivery.took = (time.monotonic() - found.at) * 1_000
        found.done.set()

    def later(self, app: str, token: str) -> Interaction:
        """The interaction that a token belongs to. Raises `Interrupted` where it is dead, or not alive yet."""
        found = self._by_token.get(token)
        if app != seed_data.APP or found is None:
            raise refused(10_015)
        if time.monotonic() - found.at > self._world.settings.token_seconds:
            raise refused(50_027, "The interaction's token was too old.")
        if not found.responded:
            raise refused(10_015, "A follow-up came before the first response.")
        return found

    def failed(self, made: Interaction, text: str) -> None:
        """What Discord itself tells the person, whom the app left waiting."""
        self._world.state.add(
            channel=made.channel, author=seed_data.BOT, visible_to=made.user, content=text, interaction=made.source
        )

    def channel(self, token: str) -> str:
        """Where the interaction happened that the token belongs to; empty: there is none."""
        return self._by_token[token].channel if token in self._by_token else ""

    def _outcomes(self, id_: str) -> set[str]:
        calls = (call for call in self._world.journal.calls if call.method == "create_interaction_response")
        return {str(call.outcome) for call in calls if f"/{id_}/" in call.path}

    def _metadata(self, made: Interaction, data: Json) -> Json:
        owners = self._owners(self._world.state.channels[made.channel])
        told: Json = {
            "id": made.id,
            "type": made.type,
            "user": user(self._world.state, made.user),
            "authorizing_integration_owners": owners,
        }
        if made.type == COMMAND:
            told |= {"name": data["name"], "command_type": data["type"]}
            if data["type"] == 3:
                told["target_message_id"] = data["target_id"]
        if made.type == COMPONENT:
            told["interacted_message_id"] = made.clicked
        return told

    def _owners(self, place: Channel) -> Json:
        return {"0": place.guild or "0"}

    def _payload(self, made: Interaction, place: Channel, data: Json) -> Json:
        state = self._world.state
        payload: Json = {
            "id": made.id,
            "application_id": seed_data.APP,
            "type": made.type,
            "token": made.token,
            "version": 1,
            "data": data,
            "channel_id": place.id,
            "channel": {**channel(state, place), "permissions": str(allowed(state, place, made.user))},
            "app_permissions": str(allowed(state, place, seed_data.BOT)),
            "locale": "en-GB",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": self._owners(place),
            "context": 0 if place.guild else 1,
            "attachment_size_limit": FILES,
        }
        payload |= self._guild(made, place) if place.guild else {"user": user(state, made.user)}
        if made.clicked:
            payload["message"] = self._clicked(state.messages[made.clicked])
        return payload

    def _guild(self, made: Interaction, place: Channel) -> Json:
        state = self._world.state
        held = str(allowed(state, place, made.user))
        return {
            "guild_id": place.guild,
            "guild": {"id": place.guild, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": {**member(state, place.guild, made.user), "permissions": held},
        }

    def _clicked(self, it: Message) -> Json:
        return message(self._world.state, it)
