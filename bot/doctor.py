"""`threadwork doctor`: every check side by side, each within its time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from threadwork.bot.platforms import PLATFORMS, Platform
from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail
from threadwork.workflows.errors import ThreadworkError


@dataclass(frozen=True)
class Check:
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
        *(_platform(settings, platform, channel) for platform in PLATFORMS),
        Check("together", lambda: together.together(settings), 30),
    ]


def _platform(settings: Settings, platform: Platform, channel: str) -> Check:
    own = channel if platform.has_channel(channel) else ""
    return Check(platform.name, lambda: platform.checks.check(settings, own), 30)


def _tools(settings: Settings, name: str) -> Check:
    from threadwork.bot.checks import agents

    return Check(f"tools {name}", lambda: agents.servers(settings, name), 25)


async def run_checks(checks: Sequence[Check]) -> list[CheckResult]:
    """What all of them find, in their order. Nothing is raised: what goes wrong is a finding."""
    found = await asyncio.gather(*(_findings(check) for check in checks))
    return [finding for findings in found for finding in findings]


async def _findings(check: Check) -> list[CheckResult]:
    findings: list[CheckResult] = []
    try:
        async with asyncio.timeout(check.seconds):
            async for finding in check.probe():
                findings += [finding]  # one by one: what was found before an error is told, too
    except TimeoutError:
        findings.append(
            fail(check.name, f"No answer within {check.seconds:g} seconds.", "Check that it can be reached.")
        )
    except ThreadworkError as error:
        findings.append(fail(check.name, error.detail, error.hint))
    except Exception as error:  # its text may show what nobody should read
        findings.append(fail(check.name, f"It could not be checked ({type(error).__name__})."))
    return findings


def exit_code(findings: Sequence[CheckResult]) -> int:
    return 1 if any(finding.state == "fail" for finding in findings) else 0
