"""Tests mirror the rooms: whoever knows a file of ours guesses where its tests stand."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
ROOMS = {room: TESTS.parent / room for room in ("activities", "adapters", "bot", "workflows")}
OTHERS = {
    TESTS / "unit" / "repository",  # documents, the package, and the tests themselves
    TESTS / "adapters" / "ports",  # each port's own test, on every implementation of it
}


def rooms_of_tests() -> list[Path]:
    """Each room's folder of tests: with a real other side, and under `unit/`."""
    return [folder for base in (TESTS, TESTS / "unit") for room in ROOMS if (folder := base / room).is_dir()]


def folders_with_tests(top: Path) -> set[Path]:
    return {file.parent for file in top.rglob("test_*.py")}


@pytest.mark.parametrize("top", rooms_of_tests(), ids=lambda top: str(top.relative_to(TESTS)))
def test_each_folder_of_tests_is_named_as_a_folder_of_its_room(top: Path) -> None:
    folders = folders_with_tests(top) - OTHERS
    assert folders
    assert [folder for folder in folders if not (ROOMS[top.name] / folder.relative_to(top)).is_dir()] == []


def test_unit_tests_stand_in_the_folder_of_a_room() -> None:
    rooms = [TESTS / "unit" / room for room in ROOMS]
    folders = folders_with_tests(TESTS / "unit") - OTHERS
    assert [folder for folder in folders if not any(folder.is_relative_to(room) for room in rooms)] == []
