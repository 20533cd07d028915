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
    findings = await _findings(channel, call)
    lines = [json.dumps([finding.model_dump() for finding in findings], indent=2, ensure_ascii=False)]
    sys.stdout.write("\n".join(lines if as_json else told(findings)) + "\n")
    return exit_code(findings)


def told(findings: Sequence[CheckResult]) -> list[str]:
    """A line each, how to mend it below, and the sum."""
    lines = [line for finding in findings for line in _lines(finding)]
    failed, doubtful = (sum(finding.state == state for finding in findings) for state in ("fail", "warn"))
    if not failed and not doubtful:
        return [*lines, "", "Everything is in order."]
    return [*lines, "", f"{failed} to fix, {doubtful} to check."]


def _lines(finding: CheckResult) -> list[str]:
    line = f"{SIGNS[finding.state]} {finding.name}: {finding.detail}"
    return [clean(text) for text in ([line, f"    → {finding.hint}"] if finding.hint else [line])]


async def _findings(channel: str, call: bool) -> list[CheckResult]:
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [fail("settings", line, "Correct it in the environment or in .env.") for line in error.lines]
    os.environ.update(settings.environment)  # LiteLLM looks its keys up there
    doubts = [CheckResult(name="settings", state="warn", detail=doubt) for doubt in settings.warnings]
    return [*doubts, *await run_checks(checks(settings, channel, call))]
