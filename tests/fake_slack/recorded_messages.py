"""Messages as they were recorded elsewhere: forwarded ones, alerts of apps, voice clips, files of other companies."""

from typing import Any

from tests.fake_slack import payloads, rich_text, shapes
from tests.fake_slack.forms import Impossible
from tests.fake_slack.payloads import SAMPLES
from tests.fake_slack.state import File
from tests.fake_slack.user_messages import Talk

Json = dict[str, Any]
OWN = {"text", "blocks", "user", "bot_id", "files", "thread_ts"}  # kept as every message has them
MORE = {"attachments", "username", "subtype", "edited"}
# Fields of an attachment that real payloads have and the samples lack (java-slack-sdk#1179, hermes-agent#96384).
UNSAMPLED = {"is_share", "message_blocks", "files", "blocks", "attachments", "private_channel_prompt"}


class Recordings(Talk):
    """Raises `Impossible` for a field that Slack's samples do not know."""

    async def deliver(self, channel: str, message: Json, tells: list[str], wait: bool = True) -> Json:
        """`message`: its fields, with files as `{"name", "content", …}`. `tells`: types of the events that come of it,
        in their order; none: it is there, and nobody was told."""
        if unknown := message.keys() - OWN - MORE:
            raise Impossible(f"Slack's messages have no {sorted(unknown)}.")
        if not message.get("bot_id") and (wrong := rich_text.problems(message.get("blocks") or [])):
            raise Impossible(" ".join(wrong))
        team, user = self.state.team_of(channel), str(message.get("user") or "")
        attachments = [self._attachment(team.id, user, one) for one in message.get("attachments") or ()]
        more = {name: message[name] for name in MORE & message.keys()}
        kept = self.state.add(
            team=team.id,
            channel=channel,
            user=user,
            bot_id=message.get("bot_id", ""),
            text=message.get("text", ""),
            blocks=message.get("blocks"),
            thread_ts=self.root(message.get("thread_ts")),
            files=tuple(self._file(team.id, user, one).id for one in message.get("files") or ()),
            more=more | ({"attachments": attachments} if attachments else {}),
        )
        told = [self._told(channel, payloads.said(self.state, kept, type_), team.bot_user) for type_ in tells]
        return {"ts": kept.ts, **await self._waited(told, wait)}

    def _attachment(self, team: str, user: str, given: Json) -> Json:
        known = payloads.sample_keys(SAMPLES / "events__MessagePayload.json") | UNSAMPLED
        if unknown := given.keys() - known:
            raise Impossible(f"Slack's attachments have no {sorted(unknown)}.")
        files = [shapes.file(self._file(team, user, one)) for one in given.get("files") or ()]
        inner = [self._attachment(team, user, one) for one in given.get("attachments") or ()]
        return given | ({"files": files} if files else {}) | ({"attachments": inner} if inner else {})

    def _file(self, team: str, user: str, given: Json) -> File:
        rest = {name: value for name, value in given.items() if name not in ("name", "content", "stub", "mimetype")}
        made = self.file(user, team, given["name"], given["content"])
        more = {"stub": bool(given.get("stub")), "more": rest, "mimetype": given.get("mimetype", "text/plain")}
        self.state.files[made.id] = changed = made.model_copy(update=more)
        return changed
