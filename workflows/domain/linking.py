"""Codes by which accounts become one person's, and who may use them."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal

LASTS = timedelta(minutes=10)
MAX_WRONG_CODES = 5  # wrong codes of an account within `LASTS`; there are 30 ** 8 codes to guess from
MAX_ACCOUNTS = 10  # accounts of a person
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another, no words by chance
_HALF = 4  # letters on each side of the hyphen

WRONG = "This code is wrong, was used, or is older than ten minutes."
LOCKED = "There were too many wrong codes."
OWN = "This code was made for this very account."
CROWDED = f"A person has at most {MAX_ACCOUNTS} accounts."
TWINS = "Two accounts of one workspace are two people."


@dataclass
class Offer:
    """A code that was given out, known by its hash."""

    by: Principal
    expires_at: datetime
    used_by: str = ""  # account


@dataclass
class Tries:
    """Wrong codes of an account since a time."""

    count: int
    since: datetime


def new_code() -> str:
    """Such as `K7QF-M2XD`: 39 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def hashed(code: str) -> str:
    """SHA-256 in hex of a code however it is typed. Codes are found by it, so that time tells nothing of them."""
    return hashlib.sha256("".join(filter(str.isalnum, code)).upper().encode()).hexdigest()


def is_locked(tries: Tries | None, now: datetime) -> bool:
    return tries is not None and tries.count >= MAX_WRONG_CODES and now < tries.since + LASTS


def one_more(tries: Tries | None, now: datetime) -> Tries:
    """After another wrong code."""
    return Tries(tries.count + 1, tries.since) if tries and now < tries.since + LASTS else Tries(1, now)


def is_open(offer: Offer, by: Principal, are_one: bool, now: datetime) -> bool:
    """Whether the code still does something. `are_one`: what it is for has come true.

    Who joined by it may be delivered twice, and is answered alike."""
    return now < offer.expires_at and (not offer.used_by or (are_one and offer.used_by == by.account))


def wrong() -> Rejected:
    return Rejected(WRONG, "Ask for a new one with your other account.")


def locked() -> Rejected:
    return Rejected(LOCKED, "Wait ten minutes, then ask for a new one with your other account.")


def objection(offer: Offer, by: Principal, together: Iterable[Principal]) -> Rejected | None:
    """Why these accounts may not become one person. `together`: all that would belong to it."""
    if offer.by.account == by.account:
        return Rejected(OWN, "Use it with your other account.")
    accounts = {one.account: one for one in together}
    if len(accounts) > MAX_ACCOUNTS:
        return Rejected(CROWDED, "Take one of them out first.")
    if len({_home(one) for one in accounts.values()}) < len(accounts):
        return Rejected(TWINS, "Link accounts of different platforms or workspaces.")
    return None


def _home(one: Principal) -> str:
    """Where a person has one account: rights are not to be handed round among colleagues."""
    return one.account.removesuffix(one.user_id)
