"""The habits of the fake: friendly by default."""

from typing import Literal

from pydantic import Field

from tests.chat_platform.answers import Value

# Intents that a switch in Discord's developer portal has to allow.
MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15


class Settings(Value):
    profile: Literal["generous", "discord"] = "generous"  # generous: a 429 only as a fault; discord: as measured there
    grace: float = Field(0.2, ge=0)  # seconds after a 429 in which a call may have been under way already
    privileged: int = MEMBERS | PRESENCES | MESSAGE_CONTENT  # intents that are switched on for the app
    response_seconds: float = Field(3.0, gt=0)  # in which an interaction must get its first response
    token_seconds: float = Field(900, gt=0)  # that an interaction's token lives
    nonce_seconds: float = Field(300, gt=0)  # that a nonce is remembered; Discord says "a few minutes"
    session_seconds: float = Field(60, gt=0)  # that a gateway session without a connection can be resumed
    heartbeat_seconds: float = Field(41.25, gt=0)
    bot_public: bool = False  # anybody may invite the bot; Discord begins with True, which is to be switched off
    twice: bool = False  # every interaction is delivered twice, at the same time
    cut_every: float | None = Field(None, gt=0)  # seconds that a gateway connection lives
    shards: int = Field(1, ge=1)  # that Discord recommends
    per_second: int = Field(50, ge=1)  # calls a second in all, where the profile is Discord's
