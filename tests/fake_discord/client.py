"""What a test does and sees in the fake Discord.

People's acts are coroutines: an interaction returns once the app responded, or Discord gave up; whatever else people
do returns once it is on its way. Looks block for milliseconds."""

from typing import Any

import httpx

from tests.fake_discord import seed_data
from tests.fake_discord.faults import Fault
from tests.fake_discord.journal import Call, Delivery
from tests.fake_discord.screen_views import Form, Place, Seen
from tests.fake_slack.journal import Violation

Json = dict[str, Any]
PATIENCE = 60.0  # seconds; acts wait for the app


class FakeDiscord:
    """A fake that runs at `url`. An act that no person could do raises `AssertionError` with the reason."""

    bot_token = seed_data.TOKEN
    bot = seed_data.BOT  # the bot's user id
    app = seed_data.APP
    guild = seed_data.GUILD

    def __init__(self, url: str) -> None:
        self.url = url
        self.api_url = f"{url}/api/v10"  # DISCORD_API_URL
        self.gateway_url = f"{url.replace('http', 'ws', 1)}/gateway"  # DISCORD_GATEWAY_URL

    # --- habits -------------------------------------------------------------------------------------------

    def begin(self, **settings: Any) -> None:
        """Forget everything and cut every connection; fields of `Settings`, the others as usual."""
        self._post("/control/begin", settings)

    def change(self, **settings: Any) -> None:
        """Other settings from now on, nothing forgotten. Rates (`profile`, `per_second`, `grace`) need `begin`."""
        self._change("settings", **settings)

    def faults(self, *faults: Fault) -> None:
        """Misbehave so from now on, and in no other way; without any, behave."""
        self._change("faults", faults=[fault.model_dump() for fault in faults])

    def channel(self, id: str, **changes: Any) -> None:
        """Change a channel or thread, or make one: fields of `Channel`, such as `denied, members, archived, gone`."""
        self._change("channel", id=id, **changes)

    def member(self, user: str, roles: list[str], guild: str = seed_data.GUILD) -> None:
        """Give somebody these roles, or bring them to the server."""
        self._change("member", guild=guild, user=user, roles=roles)

    def leave(self, user: str, guild: str = seed_data.GUILD) -> None:
        """Somebody leaves the server; the bot is thrown out."""
        self._change("leave", guild=guild, user=user)

    def user(self, id: str, **changes: Any) -> None:
        """Change somebody, or make a new one: `name, deaf` (takes no direct messages)."""
        self._change("user", id=id, **changes)

    def revoke_token(self) -> None:
        """From now on every call is a 401 and the gateway closes with 4004."""
        self._change("revoke")

    def cut_gateway(self, politely: bool = False) -> None:
        """Abort every connection; politely: ask for a reconnect (opcode 7)."""
        self._change("cut", politely=politely)

    def invalidate_sessions(self, resumable: bool = False) -> None:
        """Opcode 9 to every connection."""
        self._change("invalidate", resumable=resumable)

    # --- people's acts: interactions ----------------------------------------------------------------------

    async def slash(self, user: str, channel: str, name: str, options: Json | None = None) -> Delivery:
        """`name`: with group and subcommand, such as "agent run". A file option takes {name: content}."""
        return await self._interact("slash", user=user, channel=channel, name=name, options=options)

    async def autocomplete(
        self, user: str, channel: str, name: str, option: str, typed: str = "", options: Json | None = None
    ) -> list[Json]:
        """Choices (`name`, `value`) while the person types in `option`; `options`: what stands in the others."""
        given = {**(options or {}), option: typed}
        acted = await self._act("autocomplete", user=user, channel=channel, name=name, option=option, options=given)
        return list(acted["choices"])

    async def context_menu(self, user: str, message_id: str, name: str = "") -> Delivery:
        """A command of the message's menu; without a name the only one."""
        return await self._interact("context_menu", user=user, message_id=message_id, name=name)

    async def click(self, user: str, message_id: str, button: str, choice: Any = None) -> Delivery:
        """`button`: custom_id or label, on a message, an ephemeral one too. `choice`: option(s) of a menu."""
        return await self._interact("click", user=user, message_id=message_id, button=button, choice=choice)

    async def submit_modal(self, user: str, values: Json | None = None) -> Delivery:
        """`values` by custom_id or label; what is left out keeps what the field held."""
        return await self._interact("submit_modal", user=user, values=values)

    async def close_modal(self, user: str) -> None:
        await self._act("close_modal", user=user)

    # --- people's acts: talk ------------------------------------------------------------------------------

    async def say(
        self, user: str, channel: str, text: str, files: dict[str, str] | None = None, reply_to: str = ""
    ) -> str:
        """The message's id. `channel`: of a thread too. `files`: name and content."""
        given = {"files": files, "reply_to": reply_to}
        return str((await self._act("say", user=user, channel=channel, text=text, **given))["id"])

    async def mention(
        self, user: str, channel: str, text: str, files: dict[str, str] | None = None, reply_to: str = ""
    ) -> str:
        """Says `<@bot> text`."""
        given = {"files": files, "reply_to": reply_to}
        return str((await self._act("mention", user=user, channel=channel, text=text, **given))["id"])

    async def dm(self, user: str, text: str, files: dict[str, str] | None = None, reply_to: str = "") -> str:
        """To the bot alone; the channel is `direct(user)`."""
        return str((await self._act("dm", user=user, text=text, files=files, reply_to=reply_to))["id"])

    async def deliver(self, author: str, channel: str, message: Json) -> str:
        """A message as it was recorded elsewhere, of a person, a bot or a webhook; its id. See `recorded_messages`."""
        return str((await self._act("deliver", author=author, channel=channel, message=message))["id"])

    async def edit_message(self, user: str, message_id: str, text: str) -> None:
        await self._act("edit_message", user=user, message_id=message_id, text=text)

    async def delete_message(self, user: str, message_id: str) -> None:
        """Anybody's, as a moderator may; an ephemeral one is dismissed."""
        await self._act("delete_message", user=user, message_id=message_id)

    async def react(self, user: str, message_id: str, emoji: str, remove: bool = False) -> None:
        """`emoji`: a character, such as 🛑."""
        await self._act("react", user=user, message_id=message_id, emoji=emoji, remove=remove)

    async def open_thread(self, user: str, channel: str, name: str, message_id: str = "") -> str:
        """The thread's id. On a message, or without one."""
        return str((await self._act("open_thread", user=user, channel=channel, name=name, message_id=message_id))["id"])

    # --- looks --------------------------------------------------------------------------------------------

    def screen(self, user: str, channel: str) -> str:
        """What the person reads in a channel or thread, ephemeral messages too; [labels] are buttons."""
        return str(self._see("screen", user=user, channel=channel))

    def messages(self, channel: str | None = None) -> list[Seen]:
        """Oldest first, deleted and ephemeral ones too."""
        return [Seen.model_validate(one) for one in self._see("messages", channel=channel)]

    def answers(self, delivery: Delivery) -> list[Seen]:
        """The messages that came of an interaction until now: the first response's, and follow-ups."""
        return [Seen.model_validate(one) for one in self._see("answers", interaction=delivery.interaction_id)]

    def modals(self, user: str) -> list[Form]:
        """The window the person has open; one at most."""
        return [Form.model_validate(one) for one in self._see("modals", user=user)]

    def threads(self, channel: str | None = None) -> list[Place]:
        return [Place.model_validate(one) for one in self._see("threads", channel=channel)]

    def place(self, channel: str) -> Place:
        return Place.model_validate(self._see("place_of", channel=channel))

    def direct(self, user: str) -> str:
        """The channel of a person's conversation with the bot."""
        return str(self._see("direct", user=user))

    def commands(self, guild: str = "") -> list[Json]:
        """As registered; without a guild those that are everywhere."""
        return list(self._see("commands", guild=guild))

    def calls(self, method: str | None = None) -> list[Call]:
        """Calls of the REST API, in the order of arrival. `method`: the contract's name, such as `create_message`."""
        calls = [Call.model_validate(call) for call in self._see("calls")]
        return [call for call in calls if method in (None, call.method)]

    def violations(self) -> list[Violation]:
        return [Violation.model_validate(violation) for violation in self._see("violations")]

    def deliveries(self, type: str | None = None) -> list[Delivery]:
        """Interactions sent to the app. `type`: command, autocomplete, component or modal."""
        found = [Delivery.model_validate(delivery) for delivery in self._see("deliveries")]
        return [delivery for delivery in found if type in (None, delivery.type)]

    def connections(self) -> int:
        """Connections to the gateway that are open."""
        return int(self._see("gateway")["open"])

    def sessions(self) -> Json:
        """How many connections are `open`, sessions were `identified` and `resumed`."""
        return dict(self._see("gateway"))

    def defects(self) -> list[str]:
        """Answers of the fake that Discord's contract does not know: errors of its own."""
        return list(self._see("defects"))

    async def _interact(self, name: str, /, **arguments: Any) -> Delivery:
        return Delivery.model_validate(await self._act(name, **arguments))

    async def _act(self, name: str, /, **arguments: Any) -> Json:
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=PATIENCE) as client:
            answer = await client.post(f"{self.url}/control/act/{name}", json=arguments)
        assert answer.is_success, answer.text
        return dict(answer.json() or {})

    def _see(self, name: str, /, **arguments: Any) -> Any:
        return self._post(f"/control/see/{name}", arguments)

    def _change(self, name: str, /, **arguments: Any) -> Any:
        return self._post(f"/control/change/{name}", arguments)

    def _post(self, path: str, body: Any) -> Any:
        answer = httpx.post(f"{self.url}{path}", json=body, timeout=PATIENCE, trust_env=False, verify=False)
        assert answer.is_success, answer.text
        return answer.json()
