"""`threadwork.yaml`, whatever is in it: a configuration, or lines that say what is wrong. In bounded time."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.security.fuzzing import TEXTS, came_of, mutated
from threadwork.adapters.catalog.files import Catalog, ConfigError
from threadwork.adapters.catalog.skill_folders import read_skills

WHOLE = {
    "agents": {
        "default": {
            "model": "openai/gpt-5-mini",
            "fallback_models": ["demo/scripted"],
            "servers": ["notes"],
            "tools": {"allow": ["notes.read_*"], "ask": ["*"], "deny": ["notes.delete_*"]},
            "budget": {"usd": 1.5, "tokens": 1000, "iterations": 5, "timeout": "2h", "on_exceeded": "stop"},
            "approvals": {"approvers": ["U1", "group:ops"], "quorum": 2, "four_eyes": True, "expire": "1d"},
            "access": {"run": ["*"], "control": ["U1"]},
        },
        "other": None,
    },
    "mcpServers": {
        "notes": {"command": "threadwork", "args": ["notes-server"], "env": {"A": "${B}"}, "timeout": 5},
        "web": {"url": "https://mcp.example.com/mcp", "headers": {"Authorization": "Bearer ${T}"}},
    },
    "notify": [{"to": "slack:C0123456789", "on": ["ended"], "agents": ["default"]}],
    "triggers": {"daily": {"schedule": "0 9 * * 1-5", "goal": "Look.", "to": "slack:C1", "agent": "default"}},
    "access": {"approve": ["U1", "U2"], "channels": {"C1": {"agents": ["other"]}}, "limits": {"task": 1}},
    "skills": "skills",
}
TEXT = yaml.safe_dump(WHOLE)
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "!x ",
    "!!set ",
    "|\n",
    ">\n",
    "? ",
    "'",
    '"',
    "\t",
    "\n",
    "#",
    "%",
    "---\n",
    "~",
]


@st.composite
def edited(draw: st.DrawFn) -> str:
    """The file after somebody typed into it."""
    text = TEXT
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from([0, 0, 1, 5, 40]))
        text = text[:at] + draw(st.one_of(st.sampled_from(PIECES), TEXTS)) + text[at + gone :]
    return text


def is_told_or_taken(folder: Path, text: str) -> None:
    file = folder / "threadwork.yaml"
    file.write_bytes(text.encode(errors="replace"))
    began = time.thread_time()
    catalog, told = came_of(lambda: Catalog.load(file, "demo/scripted", folder), ConfigError)
    lines = told.splitlines()
    assert catalog or lines
    assert all(len(line) < 2_000 for line in lines)
    assert not lines or lines[0].startswith(str(file))
    assert time.thread_time() - began < 1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    (folder / "skills").mkdir()
    return folder


@given(data=mutated(WHOLE))
@settings(max_examples=120)
def test_other_values_in_any_place_are_told_or_taken(folder: Path, data: object) -> None:
    try:
        text = yaml.safe_dump(data)
    except UnicodeEncodeError:
        return
    is_told_or_taken(folder, text)


@given(text=edited())
@settings(max_examples=120)
def test_whatever_was_typed_into_the_file_is_told_or_taken(folder: Path, text: str) -> None:
    is_told_or_taken(folder, text)


@given(
    text=st.lists(st.one_of(st.sampled_from([*PIECES, "a", "agents", "mcpServers"]), TEXTS), max_size=30).map("".join)
)
@example(text="a: &a [*a]")
@example(text="? ? ? a")
@example(text="{a: b}: c")
@example(text="a: 1_0\nb: 0x1F\nc: 1e99999\nd: .nan\n")
def test_any_text_at_all_is_told_or_taken(folder: Path, text: str) -> None:
    is_told_or_taken(folder, text)


@given(
    front=st.lists(st.one_of(st.sampled_from([*PIECES, "name: x\n", "description: y\n"]), TEXTS), max_size=8).map(
        "".join
    )
)
def test_any_skill_is_told_or_taken(folder: Path, front: str) -> None:
    place = folder / "more" / "one"
    place.mkdir(parents=True, exist_ok=True)
    (place / "SKILL.md").write_bytes(f"---\n{front}\n---\nDo it.".encode(errors="replace"))
    skills, problems = read_skills(folder / "more")
    assert len(skills) == 1 or problems
