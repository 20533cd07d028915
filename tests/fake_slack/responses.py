"""response_url: an app's way to answer a person, five times in half an hour."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fake_slack import blocks, shapes

if TYPE_CHECKING:
    from tests.fake_slack.world import World

Json = dict[str, Any]
USES = 5
SECONDS = 1_800
FIELDS = {
    "text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn",
    "unfurl_links", "unfurl_media", "metadata",
}  # fmt: skip


@dataclass
class Address:
    team: str
    channel: str
    user: str
    ts: str = ""  # of the message that was clicked
    thread_ts: str = ""  # it stands in
    since: float = 0
    uses: int = 0


class Responses:
    def __init__(self, world: "World") -> None:
        self.addresses: dict[str, Address] = {}
        self._world = world

    def url(self, team: str, channel: str, user: str, ts: str = "", thread_ts: str = "") -> str:
        id_ = self._world.state.number("R")
        self.addresses[id_] = Address(team, channel, user, ts, thread_ts, time.monotonic())
        return f"{shapes.BASE['url']}/respond/{id_}"

    def use(self, id_: str, body: Any) -> tuple[int, str]:
        """Status and text of the answer."""
        address = self.addresses.get(id_)
        if address is None or time.monotonic() - address.since > SECONDS:
            return 404, "expired_url"
        address.uses += 1
        if address.uses > USES:
            self._world.journal.breach("response_url", f"A response_url was used {address.uses} times.")
            return 404, "used_url"
        if problem := _problem(body):
            self._world.journal.breach("response_url", problem)
            return 400, "invalid_payload"
        self.show(address, body)
        return 200, "ok"

    def answered(self, team: str, channel: str, user: str, body: Json) -> None:
        """What an acknowledgement of a command said."""
        if not body:
            return
        if problem := _problem(body):
            self._world.journal.breach("acknowledgement", problem)
            return
        self.show(Address(team, channel, user), body)

    def show(self, address: Address, body: Json) -> None:
        state, clicked = self._world.state, self._world.state.messages.get(address.ts)
        if clicked and body.get("delete_original"):
            state.change(clicked, deleted_at=time.time())
        elif clicked and body.get("replace_original"):
            version = state.version(body.get("text", ""), body.get("blocks"))
            state.change(clicked, versions=(*clicked.versions, version))
        else:
            self._add(address, body)

    def _add(self, address: Address, body: Json) -> None:
        team = self._world.state.teams[address.team]
        self._world.state.add(
            team=team.id,
            channel=address.channel,
            user=team.bot_user,
            bot_id=team.bot_id,
            thread_ts=body.get("thread_ts") or address.thread_ts,
            visible_to="" if body.get("response_type") == "in_channel" else address.user,
            text=body.get("text", ""),
            blocks=body.get("blocks") or [],
        )


def _problem(body: Any) -> str:
    if not isinstance(body, dict) or body.keys() - FIELDS:
        return f"An answer takes no {sorted(body.keys() - FIELDS) if isinstance(body, dict) else body!r}."
    if body.get("delete_original"):
        return ""
    if not body.get("text") and not body.get("blocks"):
        return "An answer needs a text or blocks."
    return " ".join(blocks.problems(body.get("blocks") or [], "message"))
