"""What a person sees: channels, threads and windows, as text."""

from typing import Any

from tests.fake_discord.pings import pings
from tests.fake_discord.readable import Readable
from tests.fake_discord.shapes import attachment
from tests.fake_discord.state import LOADING, Message, Version
from tests.fake_discord.user_session import Impossible, UserSession
from tests.fake_discord.world import World

Json = dict[str, Any]
ALONE = "Only you can see this"
SYSTEM = {18: "started a thread: {content}", 21: "↑ the message this thread began with"}


class Screens(UserSession):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._readable = Readable(world.state.name)

    def screen(self, user: str, channel: str) -> str:
        """The messages of a channel or thread as the person reads them. Raises `Impossible` where they see nothing."""
        place = self.place(user, channel)
        there = (m for m in self.state.messages.values() if m.channel == place.id and not m.deleted)
        return "\n".join(self._line(m) for m in there if m.visible_to in ("", user))

    def messages(self, channel: str | None = None) -> list[Json]:
        """Every message, deleted and ephemeral ones too, oldest first."""
        found = (m for m in self.state.messages.values() if channel in (None, m.channel))
        return [self._message(m) for m in found]

    def answers(self, interaction: str) -> list[Json]:
        """The messages that came of an interaction."""
        found = self.world.interactions.by_id[interaction]
        return [self._message(self.state.messages[id_]) for id_ in found.messages]

    def modals(self, user: str) -> list[Json]:
        """The window a person has open; there is one at most."""
        window = self.world.interactions.windows.get(user)
        if window is None:
            return []
        form = window.form
        rows = [self._readable.component(row) for row in form["components"]]
        lines = [form["title"], *rows, *([f"! {window.problem}"] if window.problem else []), "[Cancel] [Submit]"]
        told = {name: form[name] for name in ("custom_id", "title", "components")}
        return [{**told, "problem": window.problem, "readable": "\n".join(lines)}]

    def threads(self, channel: str | None = None) -> list[Json]:
        found = (one for one in self.state.channels.values() if one.is_thread and channel in (None, one.parent))
        return [self._place(one.id) for one in found]

    def place_of(self, channel: str) -> Json:
        return self._place(channel)

    def direct(self, user: str) -> str:
        found = self.state.direct(self.person(user).id)
        if found is None:
            raise Impossible(f"{user} never wrote to the bot.")
        return found.id

    def _place(self, id_: str) -> Json:
        names = ("id", "guild", "name", "type", "parent", "owner", "archived", "locked", "joined", "gone")
        return {name: getattr(self.state.channels[id_], name) for name in names}

    def _line(self, message: Message) -> str:
        name = self.state.name(message.author)
        reactions = " ".join(f"{emoji}{len(users)}" for emoji, users in message.reactions.items())
        thread = self.state.channels.get(message.id)
        hung = f"🧵 {thread.name}" if thread and thread.id != message.channel and not thread.gone else ""
        shown = f"{name}: {self._read(message, message.now)}"
        lines = [shown, reactions, hung, f"({ALONE})" if message.visible_to else ""]
        return "\n".join(line for line in lines if line)

    def _read(self, message: Message, version: Version) -> str:
        if message.type in SYSTEM:
            return SYSTEM[message.type].format(content=version.content)
        if version.flags & LOADING:
            return "is thinking …"
        files = [self.state.files[id_].name for id_ in version.files]
        return self._readable.message(version.content, version.embeds, version.components, files)

    def _message(self, message: Message) -> Json:
        version = message.now
        thread = self.state.channels.get(message.id)
        return {
            "id": message.id,
            "channel": message.channel,
            "user": message.author,
            "bot": self.state.users[message.author].is_bot,
            "type": message.type,
            "content": version.content,
            "embeds": version.embeds,
            "components": version.components,
            "flags": version.flags,
            "readable": self._read(message, version),
            "history": [self._read(message, one) for one in message.versions],
            "files": [self._attached(id_) for id_ in version.files],
            "reactions": {emoji: list(users) for emoji, users in message.reactions.items()},
            "nonce": message.nonce,
            "reply_to": message.refers_to,
            "thread": thread.id if thread and thread.id != message.channel else "",
            "visible_to": message.visible_to,
            "waiting": message.has(LOADING),
            "deleted": message.deleted,
            "posted_at": message.at,
            "edited_at": [one.at for one in message.versions[1:]],
            "pings": pings(self.state, message),
        }

    def _attached(self, id_: str) -> Json:
        file = self.state.files[id_]
        text = file.content.decode(errors="replace")
        told = {"id": id_, "name": file.name, "size": len(file.content), "text": text}
        return {**told, "url": attachment(file)["url"]}
