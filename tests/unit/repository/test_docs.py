"""What the documents name is there: tests, files, and targets of links."""

import re
from pathlib import Path

import pytest

from threadwork.adapters.catalog.files import FileCatalog

ROOT = Path(__file__).parents[3]
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
TESTS = ROOT / "tests"
_NAMED = re.compile(r"`(?P<file>[\w/*.-]*test_[\w*]+\.py)(?:::(?P<test>test_\w+))?`")
_CODE = re.compile(r"`(?P<path>(?:activities|adapters|bot|workflows|tests|docs)/[\w/.-]*)`")
_FILE = re.compile(r"`(?P<path>(?:[\w.-]+/)*[\w-]+\.py)(?:::\w+)?`|`(?P<folder>(?:[\w.-]+/)+)`")
_PRIVATE = re.compile(r"\b(?:DESIGN|PLATFORMS|STYLE)(?:\.md\b|,? (?:section )?\d|'s\b)")
ROOMS = ("activities", "adapters", "bot", "workflows", "threadwork", "tests", "docs", "examples")
YOURS = {"shop_server.py", "skills/"}  # files that people have beside theirs
NEW = {"adapters/mattermost/", "bot/chat/commands/ping.py"}  # recipes'
_YAML = re.compile(
    r"^```yaml\n(?P<file>(?:agents|models|mcpServers|access|notify|triggers):.*?)^```", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"\]\((?!https?://|mailto:)(?P<path>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")


def ids(path: Path) -> str:
    return path.name


def found(named: str) -> list[Path]:
    """A test file is named from the repository, from `tests/`, or by its name in `tests/security/`."""
    return [file for base in (ROOT, TESTS, TESTS / "security") for file in base.glob(named)]


@pytest.mark.parametrize("doc", DOCS, ids=ids)
def test_each_test_that_is_named_exists(doc: Path) -> None:
    for named in _NAMED.finditer(doc.read_text(encoding="utf-8")):
        files = found(named["file"])
        assert files, f"{doc.name} names {named['file']}, which is not there"
        if name := named["test"]:
            defined = any(re.search(rf"def {name}\(", file.read_text(encoding="utf-8")) for file in files)
            assert defined, f"{doc.name} names {name}, which is not in {named['file']}"


def test_the_guarantees_name_their_tests() -> None:
    """Each row of a table of guarantees ends in at least one test."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+) \|$", text.partition("## Guarantees")[2].partition("## What is not")[0], re.MULTILINE)
    guarantees = [row for row in rows if row != "guarantee | test"]
    assert len(guarantees) > 10
    assert [row for row in guarantees if not _NAMED.search(row)] == []


@pytest.mark.parametrize("doc", DOCS, ids=ids)
def test_each_file_that_is_named_exists(doc: Path) -> None:
    for named in _CODE.finditer(doc.read_text(encoding="utf-8")):
        known = named["path"] in NEW or any((base / named["path"]).exists() for base in (ROOT, TESTS))
        assert known, f"{doc.name} names {named['path']}, which is not there"


@pytest.fixture(scope="module")
def paths() -> set[str]:
    """Of all files and folders that are ours, from the repository on, each with a slash in front."""
    found = {file for room in ROOMS for file in (ROOT / room).rglob("*") if "__pycache__" not in file.parts}
    return {f"/{file.relative_to(ROOT).as_posix()}{'/' * file.is_dir()}" for file in found} | {f"/{r}/" for r in ROOMS}


@pytest.mark.parametrize("doc", DOCS, ids=ids)
def test_each_file_and_folder_that_is_named_by_its_end_exists(doc: Path, paths: set[str]) -> None:
    named = {match["path"] or match["folder"] for match in _FILE.finditer(doc.read_text(encoding="utf-8"))}
    missing = {name for name in named - YOURS - NEW if not any(path.endswith(f"/{name}") for path in paths)}
    assert not missing, f"{doc.name} names {sorted(missing)}, which are not there"


def test_nothing_points_to_papers_that_are_not_here() -> None:
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")] + DOCS
    assert [
        file for file in files if _PRIVATE.search(file.read_text(encoding="utf-8")) and file != Path(__file__)
    ] == []


@pytest.mark.parametrize("doc", DOCS, ids=ids)
def test_each_link_leads_somewhere(doc: Path) -> None:
    for link in _LINK.finditer(doc.read_text(encoding="utf-8")):
        target = doc.parent / link["path"] if link["path"] else doc
        assert target.exists(), f"{doc.name} links to {link['path']}, which is not there"
        if link["heading"]:
            assert link["heading"] in headings(target), f"{doc.name} links to {link[0]}, a heading that is not there"


@pytest.mark.parametrize("doc", DOCS, ids=ids)
def test_each_threadwork_yaml_can_be_used(doc: Path, tmp_path: Path) -> None:
    file = tmp_path / "threadwork.yaml"
    for shown in _YAML.finditer(doc.read_text(encoding="utf-8")):
        file.write_text(shown["file"], encoding="utf-8")
        FileCatalog.load(file, "demo/scripted", tmp_path)


def headings(doc: Path) -> list[str]:
    """As GitHub writes them in addresses."""
    lines = re.findall(r"^#+ (.+)$", doc.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines]
