"""The reference of what may be configured: made from the shapes, and as they are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from threadwork.adapters.catalog.files import FileCatalog
from threadwork.adapters.catalog.shape import CatalogShape
from threadwork.adapters.catalog.yaml_source import YamlSource
from threadwork.bot.__main__ import app
from threadwork.bot.reference.comments import comment
from threadwork.bot.reference.page import OTHERS, page
from threadwork.bot.reference.schema import parts, schema
from threadwork.bot.settings import Settings
from threadwork.workflows.errors import ThreadworkError

ROOT = Path(__file__).parents[2]
SHOWN = [
    shown
    for doc in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for shown in re.findall(
        r"^```yaml\n((?:agents|models|mcpServers|access|notify|triggers):.*?)^```",
        doc.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
]
WRONG = [
    "agent: {}",
    "agents: {one: {modle: openai/gpt-5}}",
    "agents: {one: {budget: {usd: -1}}}",
    "agents: {one: {verbosity: loud}}",
    "agents: {one: {tool_timeout: soon}}",
    "agents: {one: {approvals: {quorum: 0}}}",
    "models: {one: {}}",
    "notify: [{on: [failed]}]",
    "triggers: {one: {schedule: '@daily', to: 'slack:C1'}}",
]
RIGHT = [
    "",
    "agents:",
    "agents: {one:}",
    "agents: {one: {reasoning: off, tool_timeout: 1h30m, access: {run: [123, U1]}}}",
    "agents: {one: {model_timeout: 30, budget: {tokens: null}}}",
    "models: {one: {model: openai/x, params: {stop: END}}}",
]


def errors(text: str) -> list[str]:
    data: Any = YamlSource(text).data or {}
    return [error.message for error in Draft202012Validator(schema()).iter_errors(data)]


def test_the_page_is_what_the_shapes_say() -> None:
    told = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert told == page(), "`make reference` writes it anew"


def test_commands_print_both() -> None:
    run = CliRunner()
    assert json.loads(run.invoke(app, ["config", "schema"]).stdout) == schema()
    assert run.invoke(app, ["config", "docs"]).stdout == page()


def test_each_key_and_each_variable_is_explained() -> None:
    shapes = {CatalogShape, Settings}
    while more := {
        part for shape in shapes for field in shape.model_fields.values() for part in parts(field.annotation)
    }:
        if more <= shapes:
            break
        shapes |= more
    bare = [f"{shape.__name__}.{name}" for shape in shapes for name in shape.model_fields if not comment(shape, name)]
    assert sorted(bare) == []


def test_each_variable_of_ours_that_code_names_is_on_the_page() -> None:
    files = [file for room in ("bot", "adapters", "activities", "workflows") for file in (ROOT / room).rglob("*.py")]
    said = "\n".join(file.read_text(encoding="utf-8") for file in files)
    named = set(re.findall(r'"((?:THREADWORK|TEMPORAL|SLACK|DISCORD)_[A-Z_]+)"', said))
    assert named >= set(OTHERS)
    assert {name for name in named if f"`{name}`" not in page()} == set()


@pytest.mark.parametrize("text", [*SHOWN, *RIGHT])
def test_the_schema_takes_what_can_be_used(text: str, tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text(text, encoding="utf-8")
    FileCatalog.load(tmp_path / "threadwork.yaml", "demo/scripted", tmp_path)
    assert errors(text) == []


@pytest.mark.parametrize("text", WRONG)
def test_the_schema_refuses_what_cannot(text: str, tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ThreadworkError):
        FileCatalog.load(tmp_path / "threadwork.yaml", "demo/scripted", tmp_path)
    assert errors(text) != []


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(schema())
