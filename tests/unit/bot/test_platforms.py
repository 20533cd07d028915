"""A platform is its folder, one row, and its settings."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.adapters.discord import doctor as discord_doctor
from threadwork.adapters.discord import wiring as discord_wiring
from threadwork.adapters.slack import doctor as slack_doctor
from threadwork.adapters.slack import wiring as slack_wiring
from threadwork.bot.api.guard import SIGNED
from threadwork.bot.platform_protocols import PlatformDoctor, PlatformWiring, doctor_of, wiring_of
from threadwork.bot.settings import OURS, Settings
from threadwork.workflows import platform_registry
from threadwork.workflows.platform_registry import PLATFORMS, PlatformRow, title, titles
from threadwork.workflows.values import Principal

ROOT = Path(__file__).parents[3]
ROOMS = ("activities", "adapters", "bot", "workflows")
NAMES = [row.name for row in PLATFORMS]
WIRED: tuple[PlatformWiring, ...] = (slack_wiring, discord_wiring)  # mypy sees that they fit
LOOKED_AT: tuple[PlatformDoctor, ...] = (slack_doctor, discord_doctor)

ROW, SETTINGS = "workflows/platform_registry.py", "bot/settings.py"
NAMED = {  # other files that name a platform; a new platform needs none of these
    "adapters/catalog/kinds.py": "an example in what people are told of a wrong id",
    "adapters/sql/people_moves.py": "an example, as above",
    "bot/cli/operator_commands.py": "a command for each app that is set up by one, with its own options",
    "bot/cli/manifest.py": "what those commands do",
    "bot/cli/app_setup.py": "how an app comes to be is another way on each platform",
    "bot/__main__.py": "the groups of those commands",
    "adapters/memory/slack_installations.py": "in memory, what Slack keeps of workspaces that installed its app",
    "adapters/sql/slack_installations.py": "the same in tables",
    "adapters/sql/tables.py": "those tables",
}


def said_in(tree: ast.Module) -> Iterator[str]:
    """All names and texts of the code. Comments are none, and docstrings are left out."""
    lone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings: read by nobody
    for node in ast.walk(tree):
        if id(node) not in lone:
            yield from (value for _, value in ast.iter_fields(node) if isinstance(value, str))


def files() -> Iterator[Path]:
    """Of the rooms, but for the platforms' own and migrations."""
    own = {ROOT / "adapters" / name for name in NAMES} | {ROOT / "adapters" / "sql" / "migrations"}
    for file in (file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
        if not own & {*file.parents}:
            yield file


def test_a_platform_is_named_in_its_row_and_where_its_settings_join_the_others() -> None:
    naming = {
        file.relative_to(ROOT).as_posix()
        for file in files()
        for said in said_in(ast.parse(file.read_text(encoding="utf-8")))
        if any(name in said.lower() for name in NAMES)
    }
    assert naming == {ROW, SETTINGS, *NAMED}


def test_import_layers_name_no_platform() -> None:
    configured = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"adapters.{name}" in configured] == []


@pytest.mark.parametrize("row", PLATFORMS, ids=NAMES)
def test_its_folder_has_what_the_processes_open(row: PlatformRow) -> None:
    for module, protocol in ((wiring_of(row.name), PlatformWiring), (doctor_of(row.name), PlatformDoctor)):
        wanted = {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}
        assert wanted
        assert [name for name in wanted if not callable(getattr(module, name, None))] == []


@pytest.mark.parametrize("row", PLATFORMS, ids=NAMES)
def test_its_variables_are_settings_and_begin_with_its_name(row: PlatformRow) -> None:
    (own,) = (base for base in Settings.__bases__ if base.__module__ == f"threadwork.adapters.{row.name}.settings")
    fields = own.model_fields  # type: ignore[attr-defined]
    assert fields
    assert [name for name in fields if not name.startswith(f"{row.name}_")] == []


@pytest.mark.parametrize("row", PLATFORMS, ids=NAMES)
def test_a_platform_without_credentials_is_not_connected(row: PlatformRow) -> None:
    nothing_set = Settings.model_construct()
    assert not rules_of(row.name).connected(nothing_set)


@pytest.mark.parametrize("row", PLATFORMS, ids=NAMES)
def test_a_platforms_requests_are_let_in_without_a_token_only_where_they_are_signed(row: PlatformRow) -> None:
    assert (f"/{row.name}/" in SIGNED) is row.signs


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_variable_of_any_platform_is_warned_about(name: str) -> None:
    assert f"{name.upper()}_BOT_TOKN".startswith(OURS)


@pytest.mark.parametrize(
    ("platform", "account"),
    [("slack", "slack:W:U"), ("discord", "discord::U"), ("api", "api:W:U"), ("unheard", "unheard:W:U")],
)
def test_an_account_is_one_in_all_workspaces_where_its_row_says_so(platform: str, account: str) -> None:
    assert Principal(platform=platform, workspace="W", user_id="U").account == account


def test_texts_name_the_platforms_by_their_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_registry, "PLATFORMS", PLATFORMS[:2])
    assert (titles("or"), title("discord"), title("api")) == ("Slack or Discord", "Discord", "Api")
    monkeypatch.setattr(platform_registry, "PLATFORMS", PLATFORMS[:1])
    assert titles("and") == "Slack"


def test_channels_and_organisations_are_told_apart_by_their_ids() -> None:
    slack, discord = platform_registry.ROWS["slack"], platform_registry.ROWS["discord"]
    asked = ("C0123", "#general", "123", "")
    assert [slack.has_channel(channel) for channel in asked] == [True, True, False, False]
    assert [discord.has_channel(channel) for channel in asked] == [False, False, True, False]
    places = ("E1", "T1", "")
    assert [slack.is_organisation(place) for place in places] == [True, False, False]
    assert [discord.is_organisation(place) for place in places] == [False, False, False]
