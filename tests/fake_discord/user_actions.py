"""Commands, clicks and windows: interactions, which the app must respond to in time."""

from typing import Any

from tests.fake_discord import options as typed
from tests.fake_discord import shapes
from tests.fake_discord.forms import clicked, filled
from tests.fake_discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction
from tests.fake_discord.permissions import may
from tests.fake_discord.seed_data import Channel
from tests.fake_discord.user_session import Impossible, UserSession

Json = dict[str, Any]
SILENT = "The application did not respond"
FAILED = "This interaction failed"
MENU, MOST = 3, 25  # kind of a message command; choices of a completion


class Acts(UserSession):
    """Each method is one thing a person can do. Raises `Impossible` where no person could."""

    async def slash(self, user: str, channel: str, name: str, options: Json | None = None) -> Json:
        place = self._commanding(user, channel)
        command, given = typed.found(typed.offered(self.state, place), name, options or {})
        typed.uploaded(self.state, given)
        typed.check(command, given)
        data = typed.data(self.state, place.guild, command, given)
        return self._shown(await self.world.interactions.deliver(COMMAND, user, place, data))

    async def autocomplete(self, user: str, channel: str, name: str, option: str, options: Json) -> Json:
        """While the person types in `option`; `options`: what stands there so far, of this one too."""
        place = self._commanding(user, channel)
        command, given = typed.found(typed.offered(self.state, place), name, {option: "", **options})
        typed.focus(given, option)
        data = typed.data(self.state, place.guild, command, given)
        made = await self.world.interactions.deliver(AUTOCOMPLETE, user, place, data)
        if not made.responded:
            raise Impossible("Loading options failed.")
        if len(made.choices) > MOST:
            self.world.journal.breach("autocomplete", f"{len(made.choices)} choices, {MOST} fit.")
        return {"choices": made.choices}

    async def context_menu(self, user: str, message_id: str, name: str = "") -> Json:
        """A command of a message's menu; without a name the only one there is."""
        message = self.message(user, message_id)
        place = self._commanding(user, message.channel)
        offered = [one for one in typed.offered(self.state, place) if one["type"] == MENU]
        found = [one for one in offered if name in ("", one["name"])]
        if len(found) != 1:
            raise Impossible(f"{len(found)} commands are {name!r}; there are {[one['name'] for one in offered]}.")
        (command,) = found
        resolved = {"messages": {message_id: shapes.message(self.state, message)}}
        data = {**typed.data(self.state, place.guild, command, []), "target_id": message_id, "resolved": resolved}
        return self._shown(await self.world.interactions.deliver(COMMAND, user, place, data))

    async def click(self, user: str, message_id: str, button: str, choice: Any = None) -> Json:
        """A button or a menu of a message, an ephemeral one too."""
        message = self.message(user, message_id)
        data = clicked(message.now.components, button, choice)
        place = self.place(user, message.channel)
        return self._shown(await self.world.interactions.deliver(COMPONENT, user, place, data, message_id))

    async def submit_modal(self, user: str, values: Json | None = None) -> Json:
        window = self._window(user)
        form = window.form
        data = {"custom_id": form["custom_id"], "components": filled(form["components"], values or {})}
        place = self.place(user, window.channel)
        opened_by = window.source
        made = await self.world.interactions.deliver(MODAL, user, place, data, window.clicked, opened_by)
        if made.responded and self.world.interactions.windows.get(user) is window:
            del self.world.interactions.windows[user]
        if not made.responded:
            window.problem = "Something went wrong. Try again."
        return self._shown(made)

    def close_modal(self, user: str) -> None:
        """The app is not told, as in Discord."""
        self._window(user)
        del self.world.interactions.windows[user]

    def _window(self, user: str) -> Any:
        if user not in self.world.interactions.windows:
            raise Impossible(f"{user} has no window open.")
        return self.world.interactions.windows[user]

    def _commanding(self, user: str, channel: str) -> Channel:
        place = self.place(user, channel)
        if place.guild and not may(self.state, place, user, "use_application_commands"):
            raise Impossible(f"{user} may not use commands in {channel}.")
        return place

    def _shown(self, made: Interaction) -> Json:
        """What became of it. Where nobody responded, Discord tells the person alone."""
        delivery = self.world.interactions.deliveries[made.id]
        if not made.responded:
            text = SILENT if made.type == COMMAND else FAILED
            self.world.interactions.failed(made, text)
        return delivery.model_dump(mode="json")
