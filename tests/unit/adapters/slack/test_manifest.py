"""The manifest: valid by Slack's own schema, and in step with what the adapter listens to and calls."""

import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from threadwork.adapters.slack.app_variables import variables
from threadwork.adapters.slack.manifest import manifest
from threadwork.adapters.slack.oauth import RETURN
from threadwork.adapters.slack.scopes import AGENT, SCOPES
from threadwork.workflows.errors import Rejected

SCHEMA = json.loads(Path("tests/contracts/slack/manifest.schema.2.0.0.json").read_text())
URL = "https://bot.example.com"
# What Slack sends only to those who have the scope (docs.slack.dev, reference of events).
SCOPE_OF = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "agent_session_stopped": "assistant:write",
}


def scopes(made: dict[str, Any]) -> Any:
    return made["oauth_config"]["scopes"]["bot"]


def events(made: dict[str, Any]) -> Any:
    return made["settings"]["event_subscriptions"]["bot_events"]


@pytest.mark.parametrize(
    ("url", "agent", "oauth"), [(u, a, o) for u, a, o in product(["", URL], *[[0, 1]] * 2) if u or not o]
)
def test_every_manifest_is_valid_by_slacks_schema(url: str, agent: bool, oauth: bool) -> None:
    errors = list(Draft7Validator(SCHEMA).iter_errors(manifest(url, "Agents", bool(agent), bool(oauth))))
    assert errors == []


def test_the_schema_does_find_fault() -> None:
    made = manifest()
    made["features"]["shortcuts"][0]["name"] = "x" * 25
    assert len(list(Draft7Validator(SCHEMA).iter_errors(made))) == 1


def test_socket_mode_names_no_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"]
    assert "http" not in json.dumps(made)


def test_with_a_url_everything_comes_to_the_same_place() -> None:
    made = manifest(f"{URL}/")
    place = f"{URL}/slack/events"
    assert not made["settings"]["socket_mode_enabled"]
    assert made["features"]["slash_commands"][0]["url"] == place
    assert made["settings"]["interactivity"] == {"is_enabled": True, "request_url": place}
    assert made["settings"]["event_subscriptions"]["request_url"] == place


def test_tokens_rotate_only_where_workspaces_install_by_themselves() -> None:
    assert not manifest(URL)["settings"]["token_rotation_enabled"]
    assert "redirect_urls" not in manifest(URL)["oauth_config"]
    made = manifest(URL, oauth=True)
    assert made["settings"]["token_rotation_enabled"]
    assert made["oauth_config"]["redirect_urls"] == [URL + RETURN]


@pytest.mark.parametrize("agent", [False, True])
def test_every_event_has_its_scope_and_every_scope_a_purpose(agent: bool) -> None:
    made = manifest(agent=agent)
    assert {SCOPE_OF[event] for event in events(made) if event in SCOPE_OF} <= set(scopes(made))
    assert {scope.name for scope in (*SCOPES, AGENT) if scope.purpose} >= set(scopes(made))
    assert ("agent_view" in made["features"], AGENT.name in scopes(made)) == (agent, agent)
    assert ("agent_session_stopped" in events(made)) is agent


def test_names_of_channels_and_people_arrive_as_ids() -> None:
    command = manifest()["features"]["slash_commands"][0]
    assert (command["command"], command["should_escape"]) == ("/agent", True)


@pytest.mark.parametrize(
    ("url", "name", "oauth"),
    [
        ("http://x.example", "A", False),
        ("https://", "A", False),
        ("", "A", True),
        ("", "", False),
        ("", "x" * 36, False),
    ],
)
def test_what_slack_would_not_take_is_refused(url: str, name: str, oauth: bool) -> None:
    with pytest.raises(Rejected):
        manifest(url, name, False, oauth)


def test_the_command_prints_json_and_bad_usage_is_exit_code_2() -> None:
    def threadwork(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "threadwork.bot", "manifest", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert json.loads(threadwork("slack", "--name", "Ada").stdout) == manifest(name="Ada", agent=True)
    assert json.loads(threadwork("slack", "--no-agent").stdout) == manifest(agent=False)
    refused = threadwork("slack", "--url", "http://x.example")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "https://" in refused.stderr
    assert threadwork("discord").returncode == 2


@pytest.mark.parametrize(("given", "name"), [("/ai", "/ai"), ("ai", "/ai"), (" /our-agent_2 ", "/our-agent_2")])
def test_the_command_may_be_called_otherwise_and_env_is_told_of_it(given: str, name: str) -> None:
    made = manifest(command=given)
    assert made["features"]["slash_commands"][0]["command"] == name
    assert f"with {name}, a mention" in made["display_information"]["long_description"]
    assert ("SLACK_COMMAND", name) in [(one.name, one.value) for one in variables(made)]
    assert "SLACK_COMMAND" not in [one.name for one in variables(manifest())]


@pytest.mark.parametrize("given", ["", "/", "/two words", "/Agent", "/" + "a" * 32, "/a/b"])
def test_a_command_that_slack_would_not_take_is_refused(given: str) -> None:
    with pytest.raises(Rejected, match="small letters"):
        manifest(command=given)
