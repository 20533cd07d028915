"""What somebody says in their own words, without code and quotations."""

import pytest

from tests.processor_time import loops
from threadwork.adapters.chat.message_parsing import CODE, spoken


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("a `b` c", f"a {CODE} c"),
        ("a ```b\n`c` ``` d", f"a {CODE} d"),
        ("``a ` b`` c", f"{CODE} c"),
        ("it`s 5 o`clock ```", f"it{CODE}clock ```"),
        ("an open ` one", "an open ` one"),
        ("> quoted\nsaid", "\nsaid"),
        ("&gt; quoted\n&gt;quoted\nsaid &gt; not", "\n\nsaid &gt; not"),
        ("said\n>>> all\nof it", "said\n"),
    ],
)
def test_code_and_quotations_are_not_spoken(text: str, own: str) -> None:
    assert spoken(text).strip(" ") == own.strip(" ")


@pytest.mark.parametrize("odd", ["`" * 40_000, "` `` " * 8_000, "\n" * 40_000, "> " * 20_000, " " * 40_000])
def test_odd_texts_hold_nobody_up(odd: str) -> None:
    assert loops(lambda: spoken(odd)) < 50, "each other message would wait as long"
