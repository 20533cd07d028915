"""What people may write."""

import pytest

from threadwork.bot import texts
from threadwork.workflows.errors import Rejected


def test_white_space_around_a_text_is_no_part_of_it() -> None:
    assert texts.text("  look at\nthis \n", "The goal") == "look at\nthis"


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t"])
def test_an_empty_text_is_refused_and_named(nothing: str) -> None:
    with pytest.raises(Rejected, match="The goal is empty"):
        texts.text(nothing, "The goal")


def test_a_text_is_measured_in_bytes_not_in_characters() -> None:
    assert texts.text("a" * texts.TEXT_LIMIT, "The goal")
    with pytest.raises(texts.TooLarge, match="1,000,002 bytes"):
        texts.text("ä" * (texts.TEXT_LIMIT // 2 + 1), "The goal")


@pytest.mark.parametrize("unstorable", ["a\x00b", "a\ud800b"])
def test_a_text_that_no_database_keeps_is_refused(unstorable: str) -> None:
    with pytest.raises(Rejected):
        texts.text(unstorable, "The reply")


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf"), 1e9])
def test_money_is_a_finite_number_that_is_not_negative(amount: float) -> None:
    with pytest.raises(Rejected, match="The budget must be a number of dollars"):
        texts.money(amount, "The budget")


def test_a_budget_of_nothing_is_a_budget() -> None:
    assert texts.money(0, "The budget") == 0


@pytest.mark.parametrize("amount", [-1, 10**12])
def test_counts_are_bounded(amount: int) -> None:
    with pytest.raises(Rejected, match="whole number"):
        texts.count(amount, "The number of tokens")


@pytest.mark.parametrize("given", [[1], "text", 5, {"a": float("nan")}])
def test_arguments_that_are_no_json_object_are_refused(given: object) -> None:
    with pytest.raises(Rejected, match="argument"):
        texts.arguments(given)


@pytest.mark.parametrize("given", ["", "a" * 201, "schlüssel", "a\nb"])
def test_a_key_that_would_not_survive_a_header_is_refused(given: str) -> None:
    with pytest.raises(Rejected, match="idempotency key"):
        texts.key(given)
