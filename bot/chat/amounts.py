"""Money and tokens as people type them."""

import re
from decimal import Decimal

from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import Unit

_DOLLARS = re.compile(r"(?:\$|usd)?\s*(\d+(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(?:\$|usd|dollars?)?", re.I)
_TOKENS = re.compile(r"(\d{1,3}(?:[ .,_]\d{3})+|\d+(?:[.,]\d+)?)\s*([km]?)\s*(?:tokens?)?", re.I)
MAX_TOKENS = 10**15  # tokens: more than anybody may add, and still a number
MAX_AMOUNT_TEXT = 1_000  # characters of an amount at most
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .,_]\d{3})+")


def dollars(given: str) -> float:
    """`2.50`, `$2.50` or `2,50`. Raises `Rejected`."""
    found = _DOLLARS.fullmatch(given.strip()) if len(given) <= MAX_AMOUNT_TEXT else None
    if found is None:
        raise Rejected(f"“{given.strip()[:40]}” is no amount in dollars.", "Write it like 2.50.")
    return float(found[1].replace(",", "."))


def tokens(given: str) -> int:
    """`20000`, `20,000`, `20k` or `0.5m tokens`. Raises `Rejected`."""
    found = _TOKENS.fullmatch(given.strip()) if len(given) <= MAX_AMOUNT_TEXT else None
    if found is None:
        raise Rejected(f"“{given.strip()[:40]}” is not a number of tokens.", "Write it like 20000 or 20k.")
    number, times = found[1], _TIMES[found[2].lower()]
    groups = len(re.findall(r"\D", number)) if _THOUSANDS.fullmatch(number) else 0
    if groups and (times == 1 or groups > 1):  # one group before a "k" is rather a fraction
        return min(int(re.sub(r"\D", "", number)) * times, MAX_TOKENS)
    exact = Decimal(number.replace(",", ".").replace(" ", "")) * times
    if exact < MAX_TOKENS and exact % 1:
        raise Rejected(f"“{given.strip()[:40]}” is not a whole number of tokens.", "Write it like 20000 or 20k.")
    return min(int(exact), MAX_TOKENS)


def amount(given: str, unit: Unit) -> tuple[float, int]:
    """Dollars and tokens, one of them 0; a word in the text counts for more than `unit`. Raises `Rejected`."""
    if (unit == "tokens" and "$" not in given) or "token" in given.lower():
        return 0, tokens(given)
    return dollars(given), 0
