"""What is told of the package: its types, and its changes."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}  # of Keep a Changelog


def test_the_rooms_stand_at_the_top_and_are_linked_under_one_name() -> None:
    links = {link.name: link.resolve() for link in (ROOT / "threadwork").iterdir() if link.is_symlink()}
    assert links == {room: ROOT / room for room in ("activities", "adapters", "bot", "workflows")}


def test_the_changelog_is_in_the_form_that_its_head_names() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert len(versions) == len(re.findall(r"^## ", text, re.MULTILINE))
    assert versions[0] == ("Unreleased", "")
    assert PROJECT["tool"]["setuptools_scm"]["fallback_version"] in [version for version, _ in versions]
    assert all(newer >= older for (_, newer), (_, older) in pairwise(versions[1:]))
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= KINDS
