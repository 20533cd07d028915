"""A budget in words, in the digits of the head of the thread."""

from threadwork.adapters.wording.card_words import amount, of_limit, one_line
from threadwork.workflows.cards import BudgetCard

AMOUNTS: dict[str, tuple[str, str]] = {  # by unit: what is asked for, and an example of it
    "usd": ("Dollars to add", "2.50"),
    "tokens": ("Tokens to add", "100,000"),
}
MAX_NAME = 100  # characters of a person's name


def used(card: BudgetCard) -> str:
    """`$0.90 of $1.00 used`, `180,000 of 200,000 tokens used`. What is not all used does not look so."""
    return f"{of_limit(card.used, card.limit, card.unit)} used"


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
