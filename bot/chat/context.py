"""One thing that a person said or did, and what a handler makes of it."""

from dataclasses import dataclass

from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake.commands import Caller
from threadwork.bot.threads import Threads
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.tasks import Command


@dataclass(frozen=True)
class Context:
    """What handlers work with."""

    ports: BotDependencies
    threads: Threads
    source: MessageSource
    aloud: bool = False  # others may read what is answered

    @property
    def caller(self) -> Caller:
        by = self.source.by
        return Caller(platform=by.platform, platform_id=self.source.key, by=by)


@dataclass(frozen=True)
class Order:
    """A command to be stored. What the person is told follows from the stored row."""

    command: Command
    quiet: bool = False  # the thread shows what comes of it: only refusals and delays are told
    ask: Response | None = None  # its author is asked first: until then it is kept, and not taken up


Routed = Response | Order | None  # None: there is nothing to say
