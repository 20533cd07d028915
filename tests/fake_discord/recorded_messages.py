"""Messages as they were recorded elsewhere: forwarded ones, and alerts of other bots and of webhooks."""

from typing import Any

from tests.fake_discord import contracts, shapes
from tests.fake_discord.state import REPLY
from tests.fake_discord.user_messages import Talk
from tests.fake_discord.user_session import Impossible

Json = dict[str, Any]
BLANK: Json = {
    "type": 0, "content": "", "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
    "edited_timestamp": None, "flags": 0, "components": [],
}  # fmt: skip
FIELDS = {
    "content", "embeds", "components", "flags", "files", "sticker_items", "webhook", "reply_to", "pings", "type",
    "forwards",
}  # fmt: skip
FORWARDED_FROM = "1"  # a message that nobody here sees


class Recordings(Talk):
    """Raises `Impossible` for what Discord's contract does not know."""

    def deliver(self, author: str, channel: str, message: Json) -> Json:
        """`message`: `content, embeds, components, flags, files` (name and content), `sticker_items, webhook`;
        `reply_to`, and `pings`: whether that calls its author; `type`, of what no person writes; `forwards`: what is
        forwarded, with the same fields. Raises `Impossible` for any other."""
        if unknown := message.keys() - FIELDS:
            raise Impossible(f"Discord's messages have no {sorted(unknown)}.")
        files = tuple(self.state.file(name, text.encode()).id for name, text in (message.get("files") or {}).items())
        answers = message.get("reply_to", "")
        kept = self.state.add(
            channel=channel,
            author=self.person(author).id,
            content=message.get("content", ""),
            embeds=message.get("embeds", []),
            components=message.get("components", []),
            flags=message.get("flags", 0),
            files=files,
            type=message.get("type", REPLY if answers else 0),
            pings=message.get("pings", False),
            stickers=message.get("sticker_items", []),
            refers_to=answers or (FORWARDED_FROM if message.get("forwards") else ""),
            snapshots=[self._snapshot(one) for one in message.get("forwards") or ()],
            webhook=message.get("webhook", ""),
        )
        if problem := contracts.problem_of("MessageResponse", shapes.message(self.state, kept)):
            raise Impossible(problem)
        self.world.events.said(kept)
        return {"id": kept.id}

    def _snapshot(self, given: Json) -> Json:
        files = [self.state.file(name, text.encode()) for name, text in (given.get("files") or {}).items()]
        told = {name: value for name, value in given.items() if name != "files"}
        attachments = [shapes.attachment(file) for file in files]
        return {**BLANK, "timestamp": shapes.time(1_767_000_000), "attachments": attachments, **told}
