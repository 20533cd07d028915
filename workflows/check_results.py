"""What an examination finds: a line each."""

from typing import Literal

from threadwork.workflows.values import Value


class CheckResult(Value):
    name: str  # what was looked at, such as "slack token"
    state: Literal["ok", "warn", "fail"]  # warn: it works, but perhaps not as meant
    detail: str  # a sentence; nothing secret
    hint: str = ""  # how to mend it


def ok(name: str, detail: str) -> CheckResult:
    return CheckResult(name=name, state="ok", detail=detail)


def warn(name: str, detail: str, hint: str = "") -> CheckResult:
    return CheckResult(name=name, state="warn", detail=detail, hint=hint)


def fail(name: str, detail: str, hint: str = "") -> CheckResult:
    return CheckResult(name=name, state="fail", detail=detail, hint=hint)
