"""How long a provider asks to wait: in its headers, as seconds, spans or dates, or in its words."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

MAX_DELAY = 31 * 86_400.0  # seconds: what is longer is no delay, but a mistake
EPOCH = 1_000_000_000.0  # a number from here on is a moment, in seconds or milliseconds

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_PART = r"\d+(?:\.\d+)?\s*(?:ms|milliseconds?|d|days?|h|hours?|hrs?|m|mins?|minutes?|s|secs?|seconds?)\b"
_SPAN = re.compile(rf"(?:{_PART.replace(chr(92) + 'b', '(?![a-z])')}[\s,]*(?:and\s+)?)+", re.IGNORECASE)
_PARTS = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|d|h|m|s)", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:(?:re)?try(?:ing)?(?: again| this request)?|wait|available(?: again)?|resets?|back)"
    r"(?: for| in| after| at least| about|:)*\s+(?=\d)|\"?retry[_-]?(?:delay|after|info)\w*\"?[\"'\s:=]*(?=\d)",
    re.IGNORECASE,
)
_BARE = re.compile(r"\d+(?:\.\d+)?(?=\s*(?:[\"'},.;)]|$))")
_RESETS = re.compile(r"(?:x-|anthropic-)?ratelimit-(?:reset(?:-(?P<what>\w+))?|(?P<also>[\w-]+)-reset)")


def delay_of(
    headers: Mapping[str, str], text: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> float | None:
    """Seconds; None where nothing is asked, or nothing sensible."""
    given = {str(name).lower().removeprefix("llm_provider-"): str(value) for name, value in headers.items()}
    found = (one for one in _asked(given, text, now()) if isfinite(one) and 0 < one <= MAX_DELAY)
    return next(found, None)


def _asked(headers: Mapping[str, str], text: str, now: datetime) -> Iterator[float]:
    if "retry-after-ms" in headers:
        yield from (one / 1_000 for one in _number(headers["retry-after-ms"]))
    yield from _moment(headers.get("retry-after", ""), now)
    yield from _words(text)
    if used_up := [one for name in headers for one in _reset(headers, name, now)]:
        yield max(used_up)


def _words(text: str) -> Iterator[float]:
    """`Please try again in 6m0s`, `retryDelay: "14s"`, `retry after 26 seconds`"""
    for asked in _ASKED.finditer(text):
        if span := _SPAN.match(text, asked.end()):
            yield _seconds(span[0])
        elif bare := _BARE.match(text, asked.end()):
            yield float(bare[0])


def _reset(headers: Mapping[str, str], name: str, now: datetime) -> Iterator[float]:
    """When a limit that is used up counts anew."""
    found = _RESETS.fullmatch(name)
    if found and headers.get(name.replace("reset", "remaining"), "0").strip() == "0":
        yield from _moment(headers[name], now)


def _moment(value: str, now: datetime) -> Iterator[float]:
    """Seconds until then, for a number of seconds, a span, a date, or a moment since 1970."""
    value = value.strip()
    for number in _number(value):
        at = number / 1_000 if number > EPOCH * 100 else number
        yield at - now.timestamp() if at >= EPOCH else number
        return
    if span := _SPAN.fullmatch(value):
        yield _seconds(span[0])
        return
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            then = read(value)
        except (ValueError, TypeError, IndexError):
            continue
        yield ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()
        return


def _number(value: str) -> Iterator[float]:
    try:
        yield float(value)
    except ValueError:
        return


def _seconds(span: str) -> float:
    units = ((float(number), unit.lower()) for number, unit in _PARTS.findall(span))
    return sum(number * _UNITS["ms" if unit == "milli" else unit] for number, unit in units)
