"""A budget in words, in the digits of the head of the thread."""

from threadwork.adapters.wording.card_words import alike, amount, one_line
from threadwork.workflows.cards import BudgetCard
from threadwork.workflows.event_types import Unit

AMOUNTS: dict[str, tuple[str, str]] = {  # by unit: what is asked for, and an example of it
    "usd": ("Dollars to add", "2.50"),
    "tokens": ("Tokens to add", "100,000"),
}
MAX_NAME = 100  # characters of a person's name


def used(card: BudgetCard) -> str:
    """`$0.90 of $1.00 used`, `180,000 of 200,000 tokens used`. What is not all used does not look so."""
    shown = spent(card.used, card.limit, card.unit)
    if card.unit == "usd" and card.used < card.limit and shown == spent(card.limit, card.limit, card.unit):
        shown = f"${card.used:,.4f} of ${card.limit:,.2f}"
    return f"{shown} used"


def spent(used: float, limit: float, unit: Unit) -> str:
    return f"{used:,.0f} of {limit:,.0f} tokens" if unit == "tokens" else alike(used, limit, unit)


def exceeded(card: BudgetCard) -> str:
    """How a limit was reached: it is used up, or what is left is too little for a call."""
    whose = f"{card.agent}: " if card.agent else ""
    if card.used >= card.limit:
        return f"{whose}{used(card)}."
    return f"{whose}{used(card)}; what is left is too little for another call."


def raised(card: BudgetCard) -> str:
    by = f", raised by {one_line(card.by.shown[:MAX_NAME])}" if card.by else ""
    return f"The budget is {amount(card.limit, card.unit)} now{by}."


def stayed(card: BudgetCard) -> str:
    return f"The budget stayed at {amount(card.limit, card.unit)}."
