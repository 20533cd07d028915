"""Chat platforms to try an adapter on: the adapter, and what a test does and sees behind its back."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from examples.mattermost.chat import MattermostChat
from examples.mattermost.rest import Rest as MattermostRest
from tests.chat_platform import faults as platform_faults
from tests.chat_platform.adapter import PlatformChat
from tests.chat_platform.client import ChatPlatform
from tests.fake_discord import faults as discord_faults
from tests.fake_discord.client import FakeDiscord
from tests.fake_mattermost.fixture import FakeMattermost
from tests.fake_slack import faults as slack_faults
from tests.fake_slack.client import FakeSlack
from threadwork.activities.ports.chat import ChatAdapter
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.sinks import Sink

TIME_OUT = 2.0  # seconds a call, of the adapters

Method = Literal["post", "edit", "delete", "find"]
Loss = Literal["channel", "access", "token"]  # what a sink is gone for


class Shown(NamedTuple):
    """A message that people see."""

    id: str
    text: str


class Harness(Protocol):
    name: str
    chat: ChatAdapter
    sink: Sink
    elsewhere: Sink  # another channel
    person: str  # id of somebody
    much: int  # characters that take several messages, and no file; 0: one message takes any number

    def struck(self, *faults: dict[str, Any]) -> None:
        """Misbehave so from now on (fields of `Fault`, `methods` those of the port); without any, behave."""

    def lose(self, what: Loss) -> None:
        """From now on the channel is gone, the bot is shut out of it, or its token is dead."""

    async def removed(self, message_id: str) -> None:
        """A person deletes a message."""

    def seen(self, root: str = "") -> list[Shown]:
        """What stands in the channel, or in the thread under a root, oldest first."""

    def told(self, user: str) -> list[str]:
        """Texts in the conversation of the bot with a person."""

    def calls(self, method: Method) -> int: ...

    def objections(self) -> list[str]:
        """What the platform forbids its apps, and was done."""

    async def close(self) -> None: ...


SLACK_METHODS: dict[str, tuple[str, ...]] = {
    "post": ("chat.postMessage",),
    "edit": ("chat.update",),
    "delete": ("chat.delete",),
    "find": ("conversations.history", "conversations.replies"),
}


class SlackHarness:
    name = "slack"
    sink = Sink(platform="slack", workspace="T1", channel="C1")
    elsewhere = Sink(platform="slack", workspace="T1", channel="C2")
    person = "U1"
    much = 20_000

    def __init__(self, fake: FakeSlack) -> None:
        self._fake = fake
        self._clients = Clients(one_token(fake.bot_token), fake.api_url, time_out=TIME_OUT)
        self._slack = SlackChat(self._clients)
        self.chat: ChatAdapter = self._slack

    def struck(self, *faults: dict[str, Any]) -> None:
        self._fake.faults(*(slack_faults.Fault(**_named(fault, SLACK_METHODS)) for fault in faults))

    def lose(self, what: Loss) -> None:
        losses: dict[Loss, Callable[[], object]] = {
            "channel": lambda: self._fake.channel("C1", gone=True),
            "access": lambda: self._fake.channel("C1", kind="group", members=("U1",)),
            "token": self._fake.revoke_tokens,
        }
        losses[what]()

    async def removed(self, message_id: str) -> None:
        await self._fake.delete_message("U1", "C1", message_id, wait=False)

    def seen(self, root: str = "") -> list[Shown]:
        messages = (one for one in self._fake.messages("C1") if not one.deleted and one.thread_ts == root)
        return [Shown(one.ts, one.readable) for one in messages]

    def told(self, user: str) -> list[str]:
        return [one.readable for one in self._fake.messages("D1")]

    def calls(self, method: Method) -> int:
        return len([call for call in self._fake.calls() if call.method in SLACK_METHODS[method]])

    def objections(self) -> list[str]:
        return [str(one) for one in self._fake.violations()]

    async def close(self) -> None:
        await self._slack.close()
        await self._clients.close()


DISCORD_METHODS: dict[str, tuple[str, ...]] = {
    "post": ("create_message",),
    "edit": ("update_message",),
    "delete": ("delete_message",),
    "find": ("list_messages",),
}


class DiscordHarness:
    name = "discord"
    sink = Sink(platform="discord", workspace="500", channel="101")
    elsewhere = Sink(platform="discord", workspace="500", channel="102")
    person = "203"
    much = 9_000

    def __init__(self, fake: FakeDiscord) -> None:
        self._fake = fake
        self._rest = Rest(fake.bot_token, fake.api_url, time_out=TIME_OUT)
        self._discord = DiscordChat(self._rest)
        self.chat: ChatAdapter = self._discord

    def struck(self, *faults: dict[str, Any]) -> None:
        self._fake.faults(*(discord_faults.Fault(**_named(fault, DISCORD_METHODS)) for fault in faults))

    def lose(self, what: Loss) -> None:
        losses = {
            "channel": lambda: self._fake.channel("101", gone=True),
            "access": lambda: self._fake.channel("101", denied=("view_channel",)),
            "token": self._fake.revoke_token,
        }
        losses[what]()

    async def removed(self, message_id: str) -> None:
        await self._fake.delete_message("203", message_id)

    def seen(self, root: str = "") -> list[Shown]:
        messages = (one for one in self._fake.messages(root or "101") if not one.deleted and one.type in (0, 19))
        return [Shown(one.id, one.readable) for one in messages]

    def told(self, user: str) -> list[str]:
        return [one.readable for one in self._fake.messages(self._fake.direct(user))]

    def calls(self, method: Method) -> int:
        return len([call for call in self._fake.calls() if call.method in DISCORD_METHODS[method]])

    def objections(self) -> list[str]:
        return [str(one) for one in self._fake.violations()]

    async def close(self) -> None:
        await self._discord.close()
        await self._rest.close()


PLATFORM_METHODS: dict[str, tuple[str, ...]] = {
    "post": ("post",),
    "edit": ("update",),
    "delete": ("delete",),
    "find": ("history", "replies"),
}


LOSSES: dict[Loss, platform_faults.Refusal] = {
    "channel": "channel_not_found",
    "access": "not_in_channel",
    "token": "token_revoked",
}


class PlatformHarness:
    """The test platform."""

    name = "platform"
    sink = Sink(platform="test", channel="C1")
    elsewhere = Sink(platform="test", channel="C2")
    person = "U1"
    much = 9_000

    def __init__(self, platform: ChatPlatform) -> None:
        self._platform = platform
        self._adapter = PlatformChat(platform.url, time_out=TIME_OUT)
        self.chat: ChatAdapter = self._adapter

    def struck(self, *faults: dict[str, Any]) -> None:
        self._platform.faults(*(platform_faults.Fault(**_named(fault, PLATFORM_METHODS)) for fault in faults))

    def lose(self, what: Loss) -> None:
        self._platform.faults(platform_faults.Fault(kind="refuse", error=LOSSES[what]))

    async def removed(self, message_id: str) -> None:
        """The platform does not tell who deletes."""
        await self._adapter.delete(self.sink, message_id)

    def seen(self, root: str = "") -> list[Shown]:
        return [Shown(one.id, one.text) for one in self._platform.messages("C1", thread=root)]

    def told(self, user: str) -> list[str]:
        raise NotImplementedError("It has no conversations with people.")

    def calls(self, method: Method) -> int:
        return sum(len(self._platform.calls(called)) for called in PLATFORM_METHODS[method])

    def objections(self) -> list[str]:
        return [str(one) for one in self._platform.violations()]

    async def close(self) -> None: ...


class MattermostHarness:
    """The example of a platform."""

    name = "mattermost"
    sink = Sink(platform="mattermost", channel="C1")
    elsewhere = Sink(platform="mattermost", channel="C2")
    person = "user-ann"
    much = 25_000

    def __init__(self, fake: FakeMattermost) -> None:
        self._fake = fake
        rest = MattermostRest(fake.url, fake.token, time_out=TIME_OUT)
        self.chat: ChatAdapter = MattermostChat(rest, "http://threadwork.test/mattermost/buttons", "secret")

    def struck(self, *faults: dict[str, Any]) -> None:
        self._fake.faults = platform_faults.Faults([platform_faults.Fault(**fault) for fault in faults])

    def lose(self, what: Loss) -> None:
        if what == "token":
            self._fake.token = "another"
        self._fake.members.discard("C1")
        if what == "channel":
            self._fake.channels.discard("C1")

    async def removed(self, message_id: str) -> None:
        self._fake.delete(message_id, self._fake.now_ms())

    def seen(self, root: str = "") -> list[Shown]:
        standing = (one for one in self._fake.posts.values() if not one["delete_at"] and one["channel_id"] == "C1")
        return [Shown(one["id"], one["message"]) for one in standing if one["root_id"] == root]

    def told(self, user: str) -> list[str]:
        here = (one for one in self._fake.posts.values() if one["channel_id"] == f"direct-{user}")
        return [str(one["message"]) for one in here]

    def calls(self, method: Method) -> int:
        return self._fake.calls.count(method)

    def objections(self) -> list[str]:
        return self._fake.objections

    async def close(self) -> None: ...


class MemoryGround:
    """The twin: one message takes any card, no call has limits, and none is lost on the way."""

    name = "memory"
    sink = Sink(platform="memory", channel="C1")
    elsewhere = Sink(platform="memory", channel="C2")
    person = "U1"
    much = 0

    def __init__(self, chat: MemoryChat) -> None:
        self._memory = chat
        self.chat: ChatAdapter = chat

    def struck(self, *faults: dict[str, Any]) -> None:
        assert not faults, "It never misbehaves."

    def lose(self, what: Loss) -> None:
        self._memory.gone.add("C1")

    async def removed(self, message_id: str) -> None:
        del self._memory.messages[message_id]

    def seen(self, root: str = "") -> list[Shown]:
        here = (one for one in self._memory.messages.values() if (one.channel, one.thread) == ("C1", root))
        return [Shown(one.message_id, "\n".join(map(str, one.content.values()))) for one in here]

    def told(self, user: str) -> list[str]:
        here = (one for one in self._memory.messages.values() if one.channel == user)
        return ["\n".join(map(str, one.content.values())) for one in here]

    def calls(self, method: Method) -> int:
        raise NotImplementedError("It counts none.")

    def objections(self) -> list[str]:
        return []

    async def close(self) -> None: ...


def _named(fault: dict[str, Any], methods: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The fault with the platform's own names of the port's methods."""
    wanted: Sequence[str] = fault.get("methods", ())
    return {**fault, "methods": tuple(name for method in wanted for name in methods[method])}


GROUNDS: dict[str, Any] = {  # by the fixture of the platform
    "fake_slack": SlackHarness,
    "fake_discord": DiscordHarness,
    "chat_platform": PlatformHarness,
    "fake_mattermost": MattermostHarness,
    "memory_chat": MemoryGround,
}
FALLIBLE = [name for name in GROUNDS if name != "memory_chat"]  # with limits, and a way on which calls are lost
WRITES_TO_PEOPLE = [name for name in GROUNDS if name != "chat_platform"]
