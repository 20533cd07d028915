"""Variables are added to `.env`, never changed."""

import stat
from pathlib import Path

import pytest

from threadwork.bot.cli.env_file import append
from threadwork.workflows.errors import Rejected


def test_what_is_there_stays_and_the_rest_is_appended(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\nexport B='2'\nC=\n# D=4", encoding="utf-8")
    assert append(env, {"A": "9", "B": "9", "C": "3", "D": "4", "E": ""}) == ["C", "D", "E"]
    assert env.read_text(encoding="utf-8") == "A=1\nexport B='2'\nC=\n# D=4\nC=3\nD=4\nE=\n"
    assert append(env, {"C": "9", "E": ""}) == []


@pytest.mark.parametrize("before", [None, 0o644])
def test_the_file_is_its_owners_alone(tmp_path: Path, before: int | None) -> None:
    env = tmp_path / ".env"
    if before:
        env.touch(before)
    append(env, {"A": "1"})
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    env = tmp_path / ".env"
    if content is None:
        env.mkdir()
    else:
        env.write_bytes(content)
    with pytest.raises(Rejected, match="cannot be written"):
        append(env, {"A": "1"})
