"""One call of the REST API, as an operation's handler gets it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fake_discord.answers import malformed, refused
from tests.fake_discord.permissions import allowed, may
from tests.fake_discord.seed_data import BOT, Channel
from tests.fake_discord.state import Message

if TYPE_CHECKING:
    from tests.fake_discord.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    name: str
    type: str
    content: bytes


@dataclass
class Call:
    """Raises `Interrupted` wherever Discord would refuse."""

    world: "World"
    number: int
    name: str  # of the operation
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: dict[int, Upload] = field(default_factory=dict)

    def channel(self, gone: bool = False) -> Channel:
        """The channel the call is about, which the bot sees."""
        found = self.world.state.channels.get(self.path["channel_id"])
        if found is None or found.gone:
            raise refused(10_003)
        if not allowed(self.world.state, found, BOT):
            raise refused(50_001)
        return found

    def message(self, channel: Channel) -> Message:
        found = self.world.state.messages.get(self.path["message_id"])
        if found is None or found.channel != channel.id or found.visible_to or found.deleted:
            raise refused(10_008)
        return found

    def guild(self) -> str:
        guild = self.path["guild_id"]
        if guild not in self.world.state.guilds:
            raise refused(10_004)
        if (guild, BOT) not in self.world.state.members:
            raise refused(50_001)
        return guild

    def needs(self, channel: Channel, *names: str, code: int = 50_013) -> None:
        for name in names:
            if not may(self.world.state, channel, BOT, name):
                raise refused(code)

    def open(self, channel: Channel) -> None:
        """Nothing changes in an archived thread."""
        if channel.archived:
            raise refused(50_083)

    def get(self, name: str, default: Any = None) -> Any:
        value = (self.body or {}).get(name)
        return default if value is None else value

    def number_of(self, name: str, default: int) -> int:
        """A whole number of the query."""
        try:
            return int(self.query.get(name, default))
        except ValueError:
            raise malformed(f"{self.name}: {name} is no number.") from None

    def note(self, problem: str) -> None:
        """A violation that Discord lets pass."""
        self.world.journal.breach(self.name, problem, self.number)

    def touched(self, message_id: str) -> None:
        """Note which message the call was about."""
        self.world.journal.amend(self.number, message_id=message_id)
