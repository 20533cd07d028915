"""`doctor`: what was found, for people or for programs."""

import json
import os
import sys
from collections.abc import Sequence

from threadwork.adapters.terminal.words import clean
from threadwork.bot import logs
from threadwork.bot.doctor import checks, exit_code, run_checks
from threadwork.bot.settings import Settings, SettingsError
from threadwork.workflows.check_results import CheckResult, fail

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


async def doctor(channel: str = "", call: bool = False, as_json: bool = False) -> int:
    """Look at everything and tell. Returns the exit code: 0 where nothing failed, else 1."""
    logs.write_to()
    results = await _results(channel, call)
    lines = [json.dumps([result.model_dump() for result in results], indent=2, ensure_ascii=False)]
    sys.stdout.write("\n".join(lines if as_json else told(results)) + "\n")
    return exit_code(results)


def told(results: Sequence[CheckResult]) -> list[str]:
    """A line each, how to mend it below, and the sum."""
    lines = [line for result in results for line in _lines(result)]
    failed, doubtful = (sum(result.state == state for result in results) for state in ("fail", "warn"))
    if not failed and not doubtful:
        return [*lines, "", "Everything is in order."]
    return [*lines, "", f"{failed} to fix, {doubtful} to check."]


def _lines(result: CheckResult) -> list[str]:
    line = f"{SIGNS[result.state]} {result.name}: {result.detail}"
    return [clean(text) for text in ([line, f"    → {result.hint}"] if result.hint else [line])]


async def _results(channel: str, call: bool) -> list[CheckResult]:
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [fail("settings", line, "Correct it in the environment or in .env.") for line in error.lines]
    os.environ.update(settings.environment)  # LiteLLM looks its keys up there
    doubts = [CheckResult(name="settings", state="warn", detail=doubt) for doubt in settings.warnings]
    return [*doubts, *await run_checks(checks(settings, channel, call))]
