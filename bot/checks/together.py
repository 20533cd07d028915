"""Which workspaces and servers are told of each other's tasks."""

from collections.abc import AsyncIterator, Sequence

from threadwork.adapters.catalog.files import ConfigError, FileCatalog
from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.bot.checks.platforms import workspaces
from threadwork.bot.open_platforms import connected
from threadwork.bot.settings import Settings
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult, ok, warn

CHECK = "together"
APART = (
    "Subscribed channels get updates only from their own workspace or server. "
    "To join some, list them under access.together in threadwork.yaml."
)
JOINED = "Subscribed channels get updates from all of these"


async def together(settings: Settings) -> AsyncIterator[CheckResult]:
    """Nothing to say where there is one, or none; what does not answer is told of by its own check."""
    joined = await _joined(settings)
    there = list(connected(settings))
    found = [await workspaces(settings, platform) for platform in there]
    homes = [home for homes in found for home in homes]
    for home in joined or ():
        if home not in homes and home[0] in there:
            yield warn(
                CHECK,
                f"{_written([home])} is listed under access.together, but the bot is not there.",
                "Correct its id.",
            )
    if len(homes) > 1:
        yield _told(homes, joined, several=any(rules_of(platform).several(settings) for platform in there))


def _told(homes: Sequence[Workspace], joined: Sequence[Workspace] | None, several: bool) -> CheckResult:
    if joined is None:
        one_each = len(homes) == 2 and homes[0][0] != homes[1][0] and not several
        return ok(CHECK, f"{_written(homes)}: {f'{JOINED}.' if one_each else APART}")
    inside = [home for home in homes if home in joined]
    if len(inside) < 2:
        return ok(CHECK, f"{_written(homes)}: {APART}")
    others = [home for home in homes if home not in joined]
    rest = f" Not joined: {_written(others)}." if others else ""
    return ok(CHECK, f"{_written(inside)}: {JOINED}, as threadwork.yaml says.{rest}")


def _written(homes: Sequence[Workspace]) -> str:
    return ", ".join(f"{platform}:{workspace}" for platform, workspace in homes)


async def _joined(settings: Settings) -> list[Workspace] | None:
    try:
        return await FileCatalog.load(settings.config_path, settings.threadwork_model, settings.home).together()
    except ConfigError:
        return None
