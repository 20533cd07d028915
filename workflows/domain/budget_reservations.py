"""What a model call may cost, and what it did cost."""

from math import ceil, floor
from typing import Literal, NamedTuple

from threadwork.workflows.calls import Reservation
from threadwork.workflows.values import Ledger, Usage

FLOOR = 1_024  # tokens: an answer that can be afforded only below this is not worth asking for


class Allowance(NamedTuple):
    """How long the answer may be, what is set aside for it, and which limit forbids it."""

    output: int  # tokens
    reserved: Ledger
    exceeded: Literal["usd", "tokens"] | None


def afford(wanted: Reservation, spent: Ledger) -> Allowance:
    """Lower the answer's cap to what the limits leave after `spent` and the prompt.

    Below min(`FLOOR`, the cap) nothing is allowed and `exceeded` names the tighter limit. Money counts
    only where the price is known."""
    by_money, by_tokens = _money_leaves(wanted, spent), _tokens_leave(wanted, spent)
    output = min(wanted.output_cap, by_money, by_tokens)
    if output < min(FLOOR, wanted.output_cap):
        return Allowance(0, Ledger(), "usd" if by_money <= by_tokens else "tokens")
    return Allowance(output, _reserved(wanted, output), None)


def _reserved(wanted: Reservation, output: int) -> Ledger:
    prompt_nanos, completion_nanos = wanted.facts.bound(wanted.prompt)
    nanos = ceil(wanted.prompt * prompt_nanos + output * completion_nanos)
    return Ledger(nanos=nanos, tokens=wanted.prompt + output)


def _tokens_leave(wanted: Reservation, spent: Ledger) -> int:
    if wanted.tokens_limit is None:
        return wanted.output_cap
    return wanted.tokens_limit - spent.tokens - wanted.prompt


def _money_leaves(wanted: Reservation, spent: Ledger) -> int:
    if wanted.nanos_limit is None or not wanted.facts.priced:
        return wanted.output_cap
    prompt_nanos, completion_nanos = wanted.facts.bound(wanted.prompt)
    left = wanted.nanos_limit - spent.nanos - ceil(wanted.prompt * prompt_nanos)
    if left < 0:
        return -1
    return floor(left / completion_nanos) if completion_nanos else wanted.output_cap


def used(usage: Usage, cost_nanos: int | None, cached_share: float = 1) -> Ledger:
    """What an attempt counts for once it is known; an unknown price counts as nothing.

    `cached_share`: what a cached token costs, as a share of another one. It counts as so much of a token."""
    return Ledger(nanos=cost_nanos or 0, tokens=usage.counted(cached_share))


def plus(one: Ledger, other: Ledger) -> Ledger:
    return Ledger(nanos=one.nanos + other.nanos, tokens=one.tokens + other.tokens)


def minus(one: Ledger, other: Ledger) -> Ledger:
    return Ledger(nanos=one.nanos - other.nanos, tokens=one.tokens - other.tokens)
