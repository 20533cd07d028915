"""Times as the two platforms write them, seen from one moment, so that pictures do not change by themselves."""

import re
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # the first message of the run
SEEN = BEGAN + timedelta(minutes=13)  # when somebody looks at it
UNITS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def clock(at: datetime) -> str:
    """`9:30 AM`."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def ago(timestamp: int) -> str:
    """Discord's `<t:…:R>`: `4 minutes ago`, `in a day`."""
    seconds = timestamp - int(SEEN.timestamp())
    unit, size = next(((unit, size) for unit, size in UNITS if abs(seconds) >= size), UNITS[-1])
    count = max(1, round(abs(seconds) / size))
    words = f"{'an' if unit == 'hour' else 'a'} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def day(at: datetime) -> str:
    """Slack's pretty day: `today`, `tomorrow`, `Mar 9, 2026`."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((at.date() - SEEN.date()).days)
    return near or f"{at:%b} {at.day}, {at.year}"


def slack_date(timestamp: int, form: str) -> str:
    """A date with Slack's tokens, such as `{date_short_pretty} {time}`."""
    at = datetime.fromtimestamp(timestamp, UTC)
    form = form.replace("{time}", clock(at)).replace("{time_secs}", f"{at:%H:%M:%S}")
    form = form.replace("{date_num}", f"{at:%Y-%m-%d}").replace("{ago}", ago(timestamp))
    return re.sub(r"\{(date|day)\w*\}", day(at), form)


def discord_date(timestamp: int, style: str) -> str:
    """A date in one of Discord's styles: `R` is relative, `t` a clock, the rest a day with a clock."""
    at = datetime.fromtimestamp(timestamp, UTC)
    days = f"{at:%B} {at.day}, {at.year}"
    return {"R": ago(timestamp), "t": clock(at), "d": f"{at:%m/%d/%Y}", "D": days}.get(style, f"{days} {clock(at)}")
