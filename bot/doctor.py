"""`threadwork doctor`: every check side by side, each within its time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.platform_registry import PLATFORMS, PlatformRow


@dataclass(frozen=True)
class Check:
    """A named check; `probe` yields what it finds, within `seconds`."""

    name: str
    probe: Callable[[], AsyncIterator[CheckResult]]
    seconds: float = 10


def checks(settings: Settings, channel: str = "", call: bool = False) -> list[Check]:
    """What there is to look at, in the order in which it is told."""
    from threadwork.bot.checks import agents, servers, together

    tools = [_tools(settings, name) for name in agents.server_names(settings)]
    return [
        Check("temporal", lambda: servers.temporal(settings)),
        Check("database", lambda: servers.database(settings)),
        Check("redis", lambda: servers.redis(settings)),
        Check("config", lambda: agents.config(settings)),
        Check("model", lambda: agents.models(settings, call), 60),  # LiteLLM alone takes seconds to import
        *tools,
        *(_platform(settings, row, channel) for row in PLATFORMS),
        Check("together", lambda: together.together(settings), 30),
    ]


def _platform(settings: Settings, row: PlatformRow, channel: str) -> Check:
    from threadwork.bot.checks import platforms

    own = channel if row.has_channel(channel) else ""
    return Check(row.name, lambda: platforms.check(settings, row.name, own), 30)


def _tools(settings: Settings, name: str) -> Check:
    from threadwork.bot.checks import agents

    return Check(f"tools {name}", lambda: agents.servers(settings, name), 25)


async def run_checks(checks: Sequence[Check]) -> list[CheckResult]:
    """What all of them find, in their order. Nothing is raised: what goes wrong is a finding."""
    found = await asyncio.gather(*(_results(check) for check in checks))
    return [result for results in found for result in results]


async def _results(check: Check) -> list[CheckResult]:
    results: list[CheckResult] = []
    try:
        async with asyncio.timeout(check.seconds):
            async for result in check.probe():
                results += [result]  # one by one: what was found before an error is told, too
    except TimeoutError:
        results.append(
            fail(check.name, f"No answer within {check.seconds:g} seconds.", "Check that it can be reached.")
        )
    except ThreadworkError as error:
        results.append(fail(check.name, error.detail, error.hint))
    except Exception as error:  # its text may show what nobody should read
        results.append(fail(check.name, f"It could not be checked ({type(error).__name__})."))
    return results


def exit_code(results: Sequence[CheckResult]) -> int:
    """Of the process: 1 where a check failed, else 0."""
    return 1 if any(result.state == "fail" for result in results) else 0
