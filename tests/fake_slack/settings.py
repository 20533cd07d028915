"""The habits of the fake: friendly by default."""

from typing import Literal

from pydantic import Field

from tests.chat_platform.answers import Value
from tests.chat_platform.limits import Limit

SCOPES = (
    "commands",
    "chat:write",
    "app_mentions:read",
    "channels:read",
    "channels:history",
    "groups:read",
    "groups:history",
    "im:read",
    "im:write",
    "im:history",
    "users:read",
    "usergroups:read",
    "files:read",
    "files:write",
    "reactions:read",
    "reactions:write",
    "assistant:write",
)
TIERS: dict[int, tuple[str, ...]] = {
    20: ("chat.startStream", "chat.stopStream", "conversations.list", "usergroups.list", "usergroups.users.list"),
    50: (
        "chat.update",
        "chat.delete",
        "reactions.add",
        "reactions.remove",
        "conversations.history",
        "conversations.replies",
        "conversations.info",
        "conversations.open",
        "agents.sessions.setStatus",
        "agents.sessions.rename",
        "bots.info",
    ),
    100: (
        "chat.appendStream",
        "chat.postEphemeral",
        "views.open",
        "views.push",
        "views.update",
        "views.publish",
        "users.info",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
        "files.info",
        "conversations.members",
    ),
}  # calls a minute and workspace: docs.slack.dev/apis/web-api/rate-limits
BURST = 0.4  # of a minute's calls at once: our guess, Slack names no figure
REALISTIC = (
    Limit(method="chat.postMessage", rate=1, burst=10),
    Limit(method="chat.postMessage", per="workspace", rate=5, burst=60),  # "several hundred messages a minute"
    *(
        Limit(method=method, per="workspace", rate=tier / 60, burst=int(tier * BURST))
        for tier, methods in TIERS.items()
        for method in methods
    ),
)
LOOK_UPS = tuple(
    Limit(method=method, per="workspace", rate=1 / 60, burst=1)
    for method in ("conversations.history", "conversations.replies")
)


class Settings(Value):
    profile: Literal["generous", "slack"] = "generous"  # generous: a 429 only as a fault; slack: by Slack's tiers
    distributed: bool = False  # an app sold outside the Marketplace: look-ups once a minute, 15 messages a page
    grace: float = Field(0.2, ge=0)  # seconds after a 429 in which a call may have been under way already
    page: int = Field(1_000, ge=1)  # messages a page at most
    scopes: tuple[str, ...] = SCOPES  # that the bot tokens have
    signing_secret: str = "signing-secret"
    request_urls: tuple[str, ...] = ()  # given: payloads go there by signed POST, in turns; empty: Socket Mode
    ack_seconds: float = Field(3.0, gt=0)  # in which a payload must be acknowledged
    retries: int = Field(3, ge=0)  # of a payload that was not acknowledged
    retry_gap: float = Field(0.3, ge=0)  # seconds between two of them; Slack: none, a minute, five minutes
    shared: Literal["each", "first", "last"] = "each"  # what is delivered of a channel in which several workspaces
    # have the app: once for each of them, or once, for the one that made the channel, or that joined last
    twice: bool = False  # every payload is delivered twice, at the same time
    cut_every: float | None = Field(None, gt=0)  # seconds that a socket lives
    echo: bool = True  # the bot's own messages come back to it as events, as in Slack
    trigger_seconds: float = Field(3.0, ge=0)  # that a trigger_id lives
    stream_seconds: float = Field(300, gt=0)  # that a stream lives
    home_tab: bool = True  # the app has a Home
    unknown_blocks: tuple[str, ...] = ()  # kinds that messages do not take here yet: refused, and nobody's fault
    rotation: bool = False  # tokens of new installations expire and come with a refresh token
    token_seconds: int = Field(43_200, ge=0)  # that such a token lives

    @property
    def limits(self) -> tuple[Limit, ...]:
        usual = REALISTIC if self.profile == "slack" else ()
        return (*usual, *(LOOK_UPS if self.distributed else ()))

    @property
    def most(self) -> int:
        """Messages a page."""
        return min(15, self.page) if self.distributed else self.page
