"""The glossary and the code use the same words."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("workflows", "activities", "bot", "adapters")


def test_every_word_of_the_glossary_is_found_in_the_code() -> None:
    code = " ".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    spaced = _spaced(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code))
    rows = re.findall(r"^\| ([a-z][^|,]*?)(?:,[^|]*)? \|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE)
    words = [word for word in rows if word != "word"]
    assert len(words) > 50
    assert [word for word in words if f" {_spaced(word)}" not in spaced] == []


def _spaced(text: str) -> str:
    """`card_selection`, `card-selection` and `Card selection` are the same."""
    return re.sub(r"[\W_]+", " ", text).lower()
