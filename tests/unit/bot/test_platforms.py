"""A platform is known everywhere once it has its rows."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from threadwork.bot import platforms as wired
from threadwork.bot.api.guard import SIGNED
from threadwork.bot.settings import OURS
from threadwork.workflows import platforms as told

ROOT = Path(__file__).parents[3]
NAMES = [row.name for row in told.PLATFORMS]


def contracts() -> dict[str, dict[str, Any]]:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["name"]: one for one in configured["tool"]["importlinter"]["contracts"]}


def test_what_is_told_of_a_platform_is_wired() -> None:
    assert [row.name for row in wired.PLATFORMS] == NAMES


@pytest.mark.parametrize(
    ("contract", "field"),
    [
        ("Chat platforms do not know one another", "modules"),
        ("What chat platforms share knows none of them", "forbidden_modules"),
    ],
)
def test_no_platform_is_missing_where_import_layers_must_name_it(contract: str, field: str) -> None:
    assert {f"threadwork.adapters.{name}" for name in NAMES} <= set(contracts()[contract][field])


@pytest.mark.parametrize("row", told.PLATFORMS, ids=NAMES)
def test_a_platforms_requests_are_let_in_without_a_token_only_where_they_are_signed(row: told.PlatformRow) -> None:
    assert (f"/{row.name}/" in SIGNED) is row.signs


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_variable_of_any_platform_is_warned_about(name: str) -> None:
    assert f"{name.upper()}_BOT_TOKN".startswith(OURS)
