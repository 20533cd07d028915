"""One thing that a person said or did, and what is needed to take it in."""

from dataclasses import dataclass

from bot.dependencies import BotDependencies
from bot.intake.commands import Caller, keep
from bot.threads import Threads
from workflows.inbound import Origin, Written
from workflows.tasks import Command, Intake


class Once:
    """Tells the platform that nothing can be lost any more: the first time it is called."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self.told = False

    async def __call__(self) -> None:
        if not self.told:
            self.told = True
            await self._written()


@dataclass(frozen=True)
class Request:
    ports: BotDependencies
    threads: Threads
    origin: Origin
    written: Once
    aloud: bool = False  # others may read what is answered

    @property
    def caller(self) -> Caller:
        return Caller(by=self.origin.by, key=self.origin.key)

    async def write_down(self, command: Command) -> Intake:
        """Store it, and tell the platform. A redelivery changes nothing, however its text differs."""
        intake = await keep(self.ports, command)
        await self.written()
        return intake

    async def store(self, ports: BotDependencies, command: Command) -> Intake:
        """`write_down`, as `bot.intake.outcomes.settle` wants it."""
        return await self.write_down(command)

    async def known(self) -> Intake | None:
        """What was written down under the same key before."""
        return await self.ports.inbox.get(self.origin.by.platform, self.origin.key)
