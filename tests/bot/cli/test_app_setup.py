"""`threadwork slack create` and `threadwork discord invite`: the program itself, with the fakes."""

import json
import os
import pty
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from threadwork.adapters.discord.permissions import number
from threadwork.adapters.slack.manifest import manifest

pytest_plugins = ["tests.fake_slack.fixture", "tests.fake_discord.fixture"]

OURS = ("THREADWORK_", "SLACK_", "DISCORD_", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION")
METHOD = "apps.manifest.create"
HTTP = ("--url", "https://bot.example.com")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def environment(**variables: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | variables


def threadwork(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "threadwork.bot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(**variables))


def create(slack: FakeSlack, *arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    ended = threadwork(
        "slack", "create", *arguments, SLACK_CONFIG_TOKEN=token or slack.config_token, SLACK_API_URL=slack.api_url
    )
    assert (token or slack.config_token) not in ended.stdout + ended.stderr
    return ended


def secrets_in(text: str) -> list[str]:
    return [word for word in ("client_secret-", "signing_secret-", "verification_token-") if word in text]


# --- Slack ---------------------------------------------------------------------------------------------------


def test_slack_is_told_of_our_manifest_and_people_of_the_way_to_its_tokens(fake_slack: FakeSlack) -> None:
    made = create(fake_slack, "--name", "Ada", "--agent")
    (call,) = fake_slack.calls(METHOD)
    assert json.loads(call.arguments["manifest"]) == manifest(name="Ada", agent=True)
    assert made.returncode == 0
    assert "https://api.slack.com/apps/A" in made.stdout
    assert "/install-on-team" in made.stdout
    told = [name for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET") if name in made.stdout]
    assert told == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"], "what Socket Mode needs, and no secret more"
    assert secrets_in(made.stdout + made.stderr) == []
    assert not Path(".env").exists()


def test_secrets_go_into_the_file_that_was_named_and_onto_no_screen(fake_slack: FakeSlack) -> None:
    env = Path(".env")
    env.write_text("# ours\nSLACK_CLIENT_ID=\nSLACK_SIGNING_SECRET=older", encoding="utf-8")
    env.chmod(0o644)
    made = create(fake_slack, *HTTP, "--oauth", "--write", ".env")
    assert made.returncode == 0, made.stderr
    written = env.read_text(encoding="utf-8")
    assert written.startswith("# ours\nSLACK_CLIENT_ID=\nSLACK_SIGNING_SECRET=older\nSLACK_CLIENT_ID=1.")
    assert "\nSLACK_CLIENT_SECRET=client_secret-" in written
    assert "signing_secret-" not in written
    assert secrets_in(made.stdout + made.stderr) == []
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert "Once the bot runs, each workspace installs it here:\n\nhttps://bot.example.com/slack/install" in made.stdout
    assert ".env now has SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, SLACK_AGENT." in made.stdout
    assert ".env keeps SLACK_SIGNING_SECRET as before" in made.stdout


def test_what_only_people_can_fetch_gets_a_line_to_fill_in_and_no_secret_more_than_needed(
    fake_slack: FakeSlack,
) -> None:
    assert create(fake_slack, "--write", ".env").returncode == 0
    assert Path(".env").read_text(encoding="utf-8") == "SLACK_BOT_TOKEN=\nSLACK_APP_TOKEN=\nSLACK_AGENT=true\n"
    assert create(fake_slack, "--write", ".env").returncode == 0, "these lines are settings that nobody made"
    assert Path(".env").read_text(encoding="utf-8") == "SLACK_BOT_TOKEN=\nSLACK_APP_TOKEN=\nSLACK_AGENT=true\n"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("xoxe.xoxp-1-old", "twelve hours"),
        ("xoxe.xoxp-1-never", "Slack does not accept SLACK_CONFIG_TOKEN."),
        ("xoxb-test", "a token of another kind"),
        ("xoxe-1-renews", "SLACK_CONFIG_TOKEN must begin with xoxe.xoxp-; yours begins with xoxe-"),
    ],
)
def test_a_token_that_is_of_no_use_is_a_sentence(fake_slack: FakeSlack, token: str, said: str) -> None:
    ended = create(fake_slack, "--write", ".env", token=token)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr
    assert not Path(".env").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(kind="rate_limited", retry_after=7), "Try again in 7 seconds."),
        (Fault(kind="refuse", error="invalid_app"), "Slack refused to make the app: invalid_app."),
        (Fault(kind="refuse", error="no_permission"), "You may not make apps in this workspace."),
        (Fault(kind="refuse", error="fatal_error"), "look at https://api.slack.com/apps before you try again"),
        (Fault(kind="lose_answer"), "look at https://api.slack.com/apps before you try again"),
        (Fault(kind="server_error_after"), "look at https://api.slack.com/apps before you try again"),
    ],
    ids=lambda given: given.kind if isinstance(given, Fault) else "",
)
def test_whatever_slack_refuses_is_told_and_asked_for_once(fake_slack: FakeSlack, fault: Fault, said: str) -> None:
    fake_slack.faults(fault)
    ended = create(fake_slack)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert len(fake_slack.calls(METHOD)) == 1, "a second call would be a second app"


def test_without_slack_no_app_was_made(fake_slack: FakeSlack) -> None:
    away = {"SLACK_CONFIG_TOKEN": fake_slack.config_token, "SLACK_API_URL": "http://127.0.0.1:9/api/"}
    ended = threadwork("slack", "create", **away)
    assert ended.returncode == 1
    assert "Slack cannot be reached. No app was made." in ended.stderr


def test_without_a_token_a_link_has_it_all_filled_in() -> None:
    ended = threadwork("slack", "create", *HTTP)
    (link,) = (line for line in ended.stdout.splitlines() if line.startswith("https://"))
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("api.slack.com", "/apps")
    given = parse_qs(parts.query, strict_parsing=True)
    assert given["new_app"] == ["1"]
    assert json.loads(given["manifest_json"][0]) == manifest("https://bot.example.com")
    assert "+" not in parts.query
    assert len(link) < 4_000
    assert "SLACK_SIGNING_SECRET" in ended.stdout


def test_bad_usage_is_exit_code_2_before_anybody_is_asked() -> None:
    ended = threadwork("slack", "create", "--oauth")
    assert (ended.returncode, ended.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "terminal", "opens"), [((), True, True), (("--no-browser",), True, False), ((), False, False)]
)
def test_the_link_is_opened_where_there_is_a_browser_and_somebody_looks(
    tmp_path: Path, arguments: tuple[str, ...], terminal: bool, opens: bool
) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {shlex.quote(str(opened))}\n')
    browser.chmod(0o755)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "threadwork.bot", "slack", "create", *arguments]
    out = theirs if terminal else subprocess.DEVNULL
    try:
        ended = subprocess.run(command, stdout=out, timeout=60, env=environment(BROWSER=str(browser)))
    finally:
        os.close(theirs)
        os.close(ours)
    assert ended.returncode == 0
    assert opened.exists() is opens
    if opens:
        assert opened.read_text().startswith("https://api.slack.com/apps?new_app=1&manifest_json=")


# --- Discord -------------------------------------------------------------------------------------------------


def invite(discord: FakeDiscord, **variables: str) -> subprocess.CompletedProcess[str]:
    given = {"DISCORD_BOT_TOKEN": discord.bot_token, "DISCORD_API_URL": discord.api_url, **variables}
    ended = threadwork("discord", "invite", **given)
    assert discord.bot_token not in ended.stdout + ended.stderr
    return ended


def test_the_invitation_is_the_tokens_own_app_with_the_least_permissions(fake_discord: FakeDiscord) -> None:
    ended = invite(fake_discord)
    assert ended.returncode == 0, ended.stderr
    (link,) = (line for line in ended.stdout.splitlines() if line.startswith("https://discord.com/oauth2/authorize?"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert asked == {
        "client_id": fake_discord.app,
        "scope": "bot applications.commands",
        "permissions": str(number()),
    }
    assert "Message Content Intent is on: it hears replies" in ended.stdout
    assert "Public Bot" not in ended.stdout


def test_what_is_still_to_be_switched_is_said_with_its_page(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(privileged=0, bot_public=True)
    told = invite(fake_discord).stdout
    page = f"https://discord.com/developers/applications/{fake_discord.app}/bot"
    assert f"Switch Message Content Intent on, at {page}" in told
    assert f"Switch Public Bot off, at {page}" in told


def test_without_a_token_that_discord_accepts_there_is_no_link(fake_discord: FakeDiscord) -> None:
    fake_discord.revoke_token()
    dead, none = invite(fake_discord), invite(fake_discord, DISCORD_BOT_TOKEN="")
    away = invite(fake_discord, DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    assert [ended.returncode for ended in (dead, none, away)] == [1, 1, 1]
    assert [ended.stdout for ended in (dead, none, away)] == ["", "", ""]
    assert "Discord does not accept the bot's token." in dead.stderr
    assert "Set DISCORD_BOT_TOKEN" in none.stderr
    assert "Discord cannot be reached." in away.stderr
