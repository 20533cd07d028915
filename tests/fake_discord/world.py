"""Everything between two resets."""

from tests.fake_discord.events import Events
from tests.fake_discord.faults import Faults
from tests.fake_discord.gateway import Gateway
from tests.fake_discord.interactions import Interactions
from tests.fake_discord.journal import Journal
from tests.fake_discord.limits import Limits
from tests.fake_discord.settings import Settings
from tests.fake_discord.state import State


class World:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State()
        self.journal = Journal()
        self.faults = Faults()
        self.revoked = False  # the bot's token is dead
        self.limits = Limits(settings.profile == "discord", settings.per_second, settings.grace)
        self.gateway = Gateway(self)
        self.events = Events(self)
        self.interactions = Interactions(self)
        self.checked: dict[str, int] = {}  # answers compared with the contract, by operation

    def end(self) -> None:
        """Whoever is connected is cut off."""
        self.gateway.cut()
