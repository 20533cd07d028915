"""What a person sees: channels, threads, windows and the App Home, as text."""

from typing import Any

from tests.fake_slack.blocks import nodes
from tests.fake_slack.forms import Impossible
from tests.fake_slack.readable import PING, Readable
from tests.fake_slack.state import Message
from tests.fake_slack.world import World

Json = dict[str, Any]


class Screens:
    def __init__(self, world: World) -> None:
        self._world = world
        self._state = world.state
        self._readable = Readable(world.state.name)

    def screen(self, user: str, channel: str, thread_ts: str = "") -> str:
        """The channel's messages as the person reads them; with `thread_ts` the thread's, its root first."""
        if user not in self._state.channels[channel].members:
            raise Impossible(f"{user} is not in {channel}.")
        seen = (m for m in self._state.messages.values() if m.channel == channel and not m.deleted)
        theirs = [m for m in seen if m.visible_to in ("", user)]
        if thread_ts:
            shown = [m for m in theirs if thread_ts in (m.ts, m.thread_ts)]
        else:
            shown = [m for m in theirs if not m.thread_ts or m.broadcast]
        return "\n".join(self._line(message, bool(thread_ts)) for message in shown)

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """Every message of a channel, deleted and ephemeral ones too. `thread_ts`: a thread with its root."""
        found = (m for m in self._state.messages.values() if m.channel == channel)
        return [self._message(m) for m in found if thread_ts in (None, m.ts, m.thread_ts)]

    def views(self, user: str) -> list[Json]:
        """The windows a person has open, the top one last."""
        return [self._view(view) for view in self._world.windows.stacks.get(user, [])]

    def home(self, user: str, team: str = "") -> Json | None:
        """`team`: in which of the person's workspaces; else in their own."""
        view = self._world.windows.homes.get((team or self._state.users[user].team, user))
        return self._view(view) if view else None

    def _line(self, message: Message, threaded: bool) -> str:
        author = self._state.name(message.user)
        alone = " (only you)" if message.visible_to else ""
        replies = 0 if threaded else len(self._state.replies(message))
        tail = [
            *(f"📎 {self._state.files[id_].name}" for id_ in message.files),
            " ".join(f":{name}: {len(who)}" for name, who in message.reactions.items()),
            f"↳ {replies} {'reply' if replies == 1 else 'replies'}" if replies else "",
        ]
        body = self._readable.message(message.text, message.blocks)
        return "\n".join(line for line in (f"{author}{alone}: {body}", *tail) if line)

    def _message(self, message: Message) -> Json:
        versions = [self._readable.message(version.text, version.blocks) for version in message.versions]
        return {
            "ts": message.ts,
            "channel": message.channel,
            "thread_ts": message.thread_ts,
            "user": message.user,
            "bot": bool(message.bot_id),
            "text": message.text,
            "blocks": message.blocks,
            "readable": versions[-1],
            "history": versions,
            "metadata": message.metadata,
            "reactions": {name: list(users) for name, users in message.reactions.items()},
            "files": [_named(self._world, id_) for id_ in message.files],
            "visible_to": message.visible_to,
            "deleted": message.deleted,
            "posted_at": message.versions[0].at,
            "edited_at": [version.at for version in message.versions[1:]],
            "streaming": message.streaming is not None,
            "pings": [found[1] for text in self._live_texts(message) for found in PING.finditer(text)],
        }

    def _live_texts(self, message: Message) -> list[str]:
        """Texts in which a reference pings somebody: mrkdwn and markdown, never plain text."""
        if not message.blocks:
            return [message.text]
        found = [node for block in message.blocks for node in nodes(block)]
        return [str(node["text"]) for node in found if node.get("type") in ("mrkdwn", "markdown") and "text" in node]

    def _view(self, view: Json) -> Json:
        title, submit, close = (self._readable.text(view.get(name)) for name in ("title", "submit", "close"))
        errors = [f"! {problem}" for problem in view.get("errors", {}).values()]
        doors = " ".join(f"[{label}]" for label in (close, submit) if label)
        lines = (title, self._readable.blocks(view["blocks"]), *errors, doors)
        return {**view, "errors": view.get("errors", {}), "readable": "\n".join(line for line in lines if line)}


def _named(world: World, id_: str) -> Json:
    file = world.state.files[id_]
    return {"id": id_, "name": file.name, "title": file.title, "text": (file.content or b"").decode(errors="replace")}
