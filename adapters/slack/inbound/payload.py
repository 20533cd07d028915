"""What Slack delivers, and who said it where."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from threadwork.adapters.slack.api.membership_kind import UNKNOWN, Facts
from threadwork.workflows.inbound import MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Value

PLATFORM = "slack"
Json = Mapping[str, Any]


class Payload(Value):
    """One delivery, with who we are in the workspace it came from."""

    body: dict[str, Any]
    team: str  # the workspace that installed the app
    enterprise: str = ""  # and the organisation it belongs to
    bot_user: str = ""
    token: str = ""
    bots: frozenset[str] = frozenset()  # our users in every workspace that installed the app, where there are several

    @property
    def ours(self) -> frozenset[str]:
        """Users that are ourselves."""
        return self.bots | {self.bot_user}

    def seen_by(self, who: AuthorizeResult) -> "Payload":
        """The same delivery, as another installation has it."""
        return self.model_copy(update=_identity(who))

    @property
    def event(self) -> dict[str, Any]:
        return dict(self.body.get("event") or {})

    def person(self, user_id: str, name: str = "", known: Facts = UNKNOWN) -> Principal:
        """As this installation knows the person. Teams of people that payloads name are left alone."""
        return Principal(
            platform=PLATFORM,
            workspace=self.team,
            enterprise=self.enterprise,
            home=known.home,
            standing=known.standing(self.team, self.enterprise),
            user_id=user_id,
            name=name,
        )

    def sink(self, channel: str, thread: str = "") -> Sink:
        return Sink(platform=PLATFORM, workspace=self.team, channel=channel, thread=thread)

    def source(self, by: Principal, key: str, channel: str, thread: str = "") -> MessageSource:
        return MessageSource(by=by, key=key, sink=self.sink(channel, thread), direct=channel.startswith("D"))


class Reach(Value):
    """Where a person is told something that nobody else sees."""

    user: str
    channel: str = ""  # empty: not known, as in the app's own page
    thread: str = ""
    heads: bool = False  # it is about the thread's first message, which people see in the channel
    response_url: str = ""  # takes five answers in half an hour
    home: bool = False  # it is the app's own page, or a window that was opened there

    def packed(self) -> str:
        """For a window: what it answers goes where it was opened."""
        return self.model_dump_json(exclude={"user"}, exclude_defaults=True)

    @property
    def aside(self) -> dict[str, str]:
        """Names the thread to Slack, where the answer belongs there."""
        return {"thread_ts": self.thread} if self.thread and not self.heads else {}

    @classmethod
    def unpacked(cls, user: str, packed: str) -> "Reach":
        """What does not read is an unknown place: the person is told directly."""
        try:
            return cls.model_validate({**json.loads(packed or "{}"), "user": user})
        except (ValueError, TypeError):
            return cls(user=user)


def payload(body: Mapping[str, Any], context: AsyncBoltContext) -> Payload:
    delivered = Payload(body=dict(body), team=context.team_id or "")
    who = context.authorize_result
    return delivered.seen_by(who) if who else delivered


def _identity(who: AuthorizeResult) -> dict[str, str]:
    told = {"team": who.team_id, "enterprise": who.enterprise_id, "bot_user": who.bot_user_id, "token": who.bot_token}
    return {name: value for name, value in told.items() if value} | {"enterprise": who.enterprise_id or ""}


def moment(ts: str) -> datetime:
    """A time as Slack writes it: seconds since 1970, six places."""
    whole, _, micros = ts.partition(".")
    return datetime.fromtimestamp(int(whole or 0), UTC) + timedelta(microseconds=int((micros or "0")[:6].ljust(6, "0")))
