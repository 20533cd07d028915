"""A file has one idea, and is short."""

from pathlib import Path

HERE = Path(__file__).parents[3]
ROOMS = ("bot", "workflows", "activities", "adapters")
MAX_LINES = 299
LONG = {"adapters/sql/tables.py"}  # all tables stand together, as migrations do


def test_no_file_of_the_program_is_too_long() -> None:
    files = [path for room in ROOMS for path in (HERE / room).rglob("*.py") if "migrations" not in path.parts]
    assert len(files) > 300
    lengths = {str(path.relative_to(HERE)): len(path.read_text().splitlines()) for path in files}
    assert {name for name, lines in lengths.items() if lines > MAX_LINES} <= LONG, (
        "too long: what is an idea of its own gets a file of its own"
    )
