"""Chat platforms, each looked at by its own `doctor.py`."""

from collections.abc import AsyncIterator

from threadwork.adapters.chat.wiring import DoctorContext
from threadwork.adapters.sealed_text import Seal
from threadwork.bot.checks.people import people
from threadwork.bot.checks.subscriptions import subscribed
from threadwork.bot.exposure import exposed_by
from threadwork.bot.platform_protocols import doctor_of
from threadwork.bot.settings import Settings
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult


async def check(settings: Settings, platform: str, channel: str = "") -> AsyncIterator[CheckResult]:
    """`channel`: the id of one to look at, beside those that are subscribed."""
    if exposure := exposed_by(settings, platform):
        yield exposure
    async for finding in doctor_of(platform).check(_context(settings, platform), channel):
        yield finding


async def workspaces(settings: Settings, platform: str) -> list[Workspace]:
    """Those that the bot is in, as far as the platform tells."""
    return await doctor_of(platform).workspaces(_context(settings, platform))


def _context(settings: Settings, platform: str) -> DoctorContext[Settings]:
    return DoctorContext(
        settings=settings,
        database=settings.database,
        seal=Seal(settings.encryption_keys),
        subscribed=lambda: subscribed(settings, platform),
        people=lambda: people(settings, platform),
    )
