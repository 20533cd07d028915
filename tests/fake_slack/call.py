"""One call of the Web API, as a method's handler gets it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chat_platform.answers import Interrupted, refused
from tests.fake_slack import contracts
from tests.fake_slack.blocks import ADVISED, TEXT, TOTAL, Surface, problems, total
from tests.fake_slack.seed_data import Channel, Team
from tests.fake_slack.state import Message

if TYPE_CHECKING:
    from tests.fake_slack.world import World

Json = dict[str, Any]
METADATA = 8_000  # bytes; people's reports, Slack names no figure


@dataclass
class Call:
    """Raises `Interrupted` wherever Slack would refuse."""

    world: "World"
    number: int
    method: str
    team: Team
    arguments: Json

    def get(self, name: str, default: Any = None) -> Any:
        value = self.arguments.get(name)
        return default if value is None else value

    def refusal(self, *errors: str) -> Interrupted:
        """The first error that the method's contract knows."""
        return Interrupted(refused(self._known(errors)))

    def breach(self, problem: str, *errors: str) -> Interrupted:
        """A refusal that is a violation."""
        return contracts.breach(self._known((*errors, "invalid_arguments")), f"{self.method}: {problem}")

    def note(self, problem: str) -> None:
        """A violation that Slack lets pass."""
        self.world.journal.breach(self.method, problem, self.number)

    def channel(self, name: str = "channel", archived: bool = False) -> Channel:
        """The channel the call is about, which the bot is a member of. A person's id means their conversation."""
        id_ = self.get(name, "")
        state = self.world.state
        found = state.direct(self.team.id, id_) if id_ in state.users else state.channels.get(id_)
        if found is None or found.gone or self.team.id not in found.teams:
            raise self.refusal("channel_not_found")
        if self.team.bot_user not in found.members:
            private = ("channel_not_found",) if found.kind != "channel" else ("not_in_channel", "channel_not_found")
            raise self.refusal(*private, "no_access")
        if found.is_archived and not archived:
            raise self.refusal("is_archived", "channel_not_found")
        return found

    def message(self, channel: Channel, ts: str) -> Message:
        found = self.world.state.messages.get(ts)
        if found is None or found.channel != channel.id or found.visible_to or found.deleted:
            raise self.refusal("message_not_found", "thread_not_found")
        return found

    def thread(self, channel: Channel) -> str:
        """The root that `thread_ts` names; of a reply, as Slack does, its root. A root that is gone: on its own."""
        ts = self.get("thread_ts", "")
        root = self.world.state.messages.get(ts)
        if not ts:
            return ""
        if root is None or root.channel != channel.id:
            raise self.breach(f"there never was a message {ts} in {channel.id}.", "thread_not_found")
        if root.thread_ts:
            self.note(f"{self.method}: thread_ts {ts} is a reply, not a root.")
        return root.thread_ts or root.ts

    def content(self) -> Json:
        """`text` and `blocks` of a message, checked."""
        text, blocks = self.get("text", ""), self.get("blocks")
        if (written := self.get("markdown_text")) is not None:
            if text or blocks:
                raise self.breach("markdown_text goes without text and blocks.", "markdown_text_conflict")
            blocks, text = [{"type": "markdown", "text": written}], ""
        if not str(text).strip() and not blocks and not self.get("attachments"):
            raise self.breach("a message needs a text or blocks.", "no_text")
        if blocks and not str(text).strip() and written is None:
            self.note(f"{self.method}: blocks without a text leave notifications empty.")
        if len(text) > TEXT:
            self.note(f"{self.method}: {len(text)} characters of text, Slack cuts at {TEXT}.")
        return {"text": text[:TEXT], "blocks": self.blocks(blocks or [], "message")}

    def blocks(self, blocks: Any, surface: Surface) -> list[Json]:
        if surface == "message" and {block.get("type") for block in blocks} & {*self.world.settings.unknown_blocks}:
            raise self.refusal("invalid_blocks")
        if found := problems(blocks, surface):
            errors = ("invalid_blocks",) if len(blocks) <= 50 else ("msg_blocks_too_many", "invalid_blocks")
            raise self.breach(" ".join(found), *errors)
        if (size := total(blocks)) > TOTAL:
            raise self.breach(f"{size} characters in blocks.", "msg_blocks_too_long", "msg_too_long", "invalid_blocks")
        if surface == "message" and size > ADVISED:
            self.note(f"{self.method}: {size} characters in blocks, {ADVISED} are safe.")
        return list(blocks)

    def metadata(self) -> Json:
        given = self.get("metadata", {})
        if not given:
            return {}
        payload = given.get("event_payload") if isinstance(given, dict) else None
        if not isinstance(payload, dict) or not isinstance(given.get("event_type"), str):
            raise self.breach("metadata needs event_type and event_payload.", "invalid_metadata_format")
        if nested := [name for name, value in payload.items() if isinstance(value, dict | list)]:
            raise self.breach(f"metadata must be flat, {nested} is not.", "invalid_metadata_schema")
        if len(str(given).encode()) > METADATA:
            raise self.breach("the metadata is too large.", "metadata_too_large")
        return dict(given)

    def touched(self, message: Message) -> None:
        """Note which message the call was about."""
        self.world.journal.amend(self.number, ts=message.ts)

    def _known(self, errors: tuple[str, ...]) -> str:
        known = contracts.errors(self.method)
        chosen = next((error for error in errors if error in known), None)
        if chosen is None:
            self.world.journal.defects.append(f"{self.method} cannot answer any of {errors}.")
        return chosen or errors[0]
