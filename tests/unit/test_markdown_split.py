"""Long Markdown is cut at good places, and no code fence is torn."""

import random
import re
from collections.abc import Callable

import pytest

from threadwork.adapters.wording.markdown_split import split_markdown

FENCE_LINE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})(.*)$")


def bare(text: str) -> str:
    """A text without whitespace and fence lines."""
    lines = [line for line in text.split("\n") if not FENCE_LINE.match(line)]
    return "".join("".join(lines).split())


def fences(text: str) -> list[tuple[str, list[str]]]:
    """Language and lines of each closed fence. Fails on one that is left open."""
    found: list[tuple[str, list[str]]] = []
    marks = ""
    for line in text.split("\n"):
        match = FENCE_LINE.match(line)
        if not marks and match:
            marks = match[1]
            found.append((match[2].strip(), []))
        elif marks and match and match[1].startswith(marks) and not match[2].strip():
            marks = ""
        elif marks:
            found[-1][1].append(line)
    assert not marks, f"left open: {text!r}"
    return found


def test_a_short_text_stays_as_it_is() -> None:
    assert split_markdown("  one\n\n```\ntwo ", 40) == ["  one\n\n```\ntwo "]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\n" * 500])
def test_a_blank_text_makes_no_message(text: str) -> None:
    assert split_markdown(text, 40) == []


def test_a_text_of_exactly_the_limit_is_one_message() -> None:
    assert split_markdown("x" * 40, 40) == ["x" * 40]
    assert split_markdown("x" * 41, 40) == ["x" * 40, "x"]


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="39"):
        split_markdown("text", 39)


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    one, two, three = ("a " * 10).strip(), ("b " * 12).strip(), ("c " * 12).strip()
    assert split_markdown(f"{one}\n\n{two}\n\n{three}", 50) == [f"{one}\n\n{two}", three]


def test_lines_are_kept_whole_where_a_paragraph_does_not_fit() -> None:
    lines = [f"- item number {n}" for n in range(8)]
    assert split_markdown("\n".join(lines), 40) == ["\n".join(lines[n : n + 2]) for n in range(0, 8, 2)]


def test_words_are_kept_whole_where_a_line_does_not_fit() -> None:
    words = [f"word{n}" for n in range(60)]
    pieces = split_markdown(" ".join(words), 40)
    assert " ".join(pieces).split() == words


def test_a_word_that_is_too_long_is_cut_and_nothing_of_it_is_lost() -> None:
    pieces = split_markdown("see " + "x" * 200, 60)
    assert pieces == ["see", "x" * 60, "x" * 60, "x" * 60, "x" * 20]


def test_an_early_paragraph_border_does_not_make_a_tiny_message() -> None:
    pieces = split_markdown("Hi.\n\n" + "word " * 40, 100)
    assert len(pieces[0]) > 50


def test_the_indentation_of_a_line_survives_a_cut_before_it() -> None:
    text = "- " + "a" * 30 + "\n    - " + "b" * 30
    assert split_markdown(text, 40) == ["- " + "a" * 30, "    - " + "b" * 30]


def test_a_fence_that_fits_into_the_next_message_is_not_cut() -> None:
    code = "```python\n" + "x = 1\n" * 6 + "```"
    assert split_markdown("a " * 25 + "\n\n" + code + "\n\nend", 60) == [("a " * 25).strip(), f"{code}\n\nend"]


def test_a_fence_that_does_not_fit_is_closed_and_opened_again_with_its_language() -> None:
    lines = [f"    value_{n} = {n}" for n in range(40)]
    pieces = split_markdown("Look:\n\n```python title=x\n" + "\n".join(lines) + "\n```\n\nDone.", 120)
    blocks = [block for piece in pieces for block in fences(piece)]
    assert len(blocks) > 3
    assert [line for _, block in blocks for line in block] == lines
    assert {language for language, _ in blocks[1:]} == {"python"}
    assert pieces[-1].endswith("Done.")


def test_no_empty_code_block_is_left_at_a_cut() -> None:
    for length in range(20, 120):
        text = "a" * length + "\n```py\n" + "x = 1\n" * 30 + "```\n" + "b" * length
        blocks = [lines for piece in split_markdown(text, 100) for _, lines in fences(piece)]
        assert all("".join(lines).strip() for lines in blocks)


def test_blank_lines_before_the_end_of_a_fence_leave_no_empty_code_block() -> None:
    for lines in range(1, 30):
        text = "```py\n" + "x = 1\n" * lines + "\n" * 20 + "```\n" + "b" * 80
        blocks = [block for piece in split_markdown(text, 100) for _, block in fences(piece)]
        assert all("".join(block).strip() for block in blocks)


@pytest.mark.parametrize(("opener", "closer"), [("~~~sh", "~~~"), ("`````md", "`````"), ("- ```js", "  ```")])
def test_other_kinds_of_fences_are_kept_whole_too(opener: str, closer: str) -> None:
    text = f"{opener}\n" + "  ``` not a fence\n  code\n" * 20 + closer
    if "```js" in opener:
        text = text.replace("``` not a fence", "no fence")
    pieces = split_markdown(text, 100)
    assert len(pieces) > 3
    assert all(len(fences(piece)) == 1 for piece in pieces)


def test_text_after_a_fence_is_no_code() -> None:
    pieces = split_markdown("```\ncode\n```\n" + "word " * 50, 60)
    assert fences(pieces[0]) == [("", ["code"])]
    assert not any("```" in piece for piece in pieces[1:])


def test_marks_within_a_line_do_not_become_a_fence_by_a_cut() -> None:
    for shift in range(40):
        pieces = split_markdown("x" * shift + " use ```code``` here and ```there``` " * 6, 50)
        assert not any(fences(piece) for piece in pieces)


def test_a_long_line_of_code_is_cut_within_its_fence() -> None:
    pieces = split_markdown("```json\n" + '{"a":"' + "x" * 400 + '"}\n```', 100)
    blocks = [fences(piece) for piece in pieces]
    assert all(len(found) == 1 and found[0][0] == "json" and found[0][1] for found in blocks)
    assert "".join(line for found in blocks for line in found[0][1]) == '{"a":"' + "x" * 400 + '"}'


def test_a_fence_never_closed_is_closed_at_each_cut() -> None:
    pieces = split_markdown("```py\n" + "x = 1\n" * 60, 100)
    assert all(fences(piece) for piece in pieces[:-1])
    assert pieces[-1].startswith("```py\n")


def test_a_giant_line_of_marks_ends_and_keeps_to_the_limit() -> None:
    pieces = split_markdown("`" * 5_000, 100)
    assert "".join(pieces) == "`" * 5_000
    assert max(map(len, pieces)) <= 100


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_text_limits_fences_and_words_are_kept(seed: int) -> None:
    dice = random.Random(seed)
    text, limit = _document(dice), dice.choice([40, 60, 97, 200, 500])
    pieces = split_markdown(text, limit)
    assert all(piece.strip() and len(piece) <= limit for piece in pieces)
    assert bare("\n".join(pieces)) == bare(text)
    code = "".join(line for _, lines in fences(text) for line in lines)
    kept = "".join(line for piece in pieces for _, lines in fences(piece) for line in lines)
    assert "".join(kept.split()) == "".join(code.split())


@pytest.mark.parametrize("seed", range(100))
def test_no_heap_of_marks_breaks_the_limit_or_loses_a_letter(seed: int) -> None:
    dice = random.Random(seed)
    text = "".join(dice.choice(["`", "```", "~~~", "````\n", " ", "\n", "- ", "> ", "a", "aaa"]) for _ in range(600))
    limit = dice.choice([40, 61, 200])
    pieces = split_markdown(text, limit)
    assert all(piece.strip() and len(piece) <= limit for piece in pieces)
    assert sum(piece.count("a") for piece in pieces) >= text.count("a")


def _document(dice: random.Random) -> str:
    return "".join(dice.choice(PIECES)(dice) for _ in range(dice.randint(1, 25)))


def _prose(dice: random.Random) -> str:
    words = ("w" * dice.randint(1, dice.choice([8, 8, 8, 90])) for _ in range(dice.randint(1, 60)))
    return " ".join(words) + dice.choice(["\n", "\n\n", "\r\n", "\n \n\n"])


def _code(dice: random.Random) -> str:
    marks = dice.choice(["```", "~~~", "````"])
    lines = (" " * dice.randint(0, 8) + "c" * dice.randint(0, dice.choice([20, 20, 300])) for _ in range(20))
    body = "\n".join(list(lines)[: dice.randint(1, 20)])
    return f"{marks}{dice.choice(['', 'py', 'c++'])}\n{body}\n{marks}{dice.choice(['', ' '])}\n"


def _items(dice: random.Random) -> str:
    return "".join(f"{' ' * dice.randint(0, 4)}- {'i ' * dice.randint(1, 40)}\n" for _ in range(dice.randint(1, 10)))


PIECES: list[Callable[[random.Random], str]] = [
    _prose,
    _code,
    _items,
    lambda dice: "\n" * dice.randint(1, 90),
    lambda dice: " " * dice.randint(1, 90) + "x\n",
]
