"""User groups of a workspace."""

import asyncio

import pytest
from aiohttp import web

from tests.adapters.slack.scripted_web_api import LOST, Scripted, answer, fine
from tests.clock_ahead import ClockAhead
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.chat import ttl_cache
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.directory import SlackDirectory
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.values import Principal

pytest_plugins = ["tests.fake_slack.fixture"]


def person(user_id: str, workspace: str = "T1", platform: str = "slack") -> Principal:
    return Principal(platform=platform, workspace=workspace, user_id=user_id)


async def test_groups_are_known_by_id_and_by_handle(fake_slack: FakeSlack) -> None:
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    directory = SlackDirectory(clients)
    assert await directory.groups(person("U1")) == ("group:S1", "group:oncall")
    assert await directory.groups(person("U3")) == ("group:S2", "group:leads")
    assert await directory.groups(person("U99")) == ()
    await clients.close()
    assert len(fake_slack.calls()) == 1
    assert fake_slack.violations() == []


async def test_among_several_workspaces_a_group_is_known_by_its_id_alone(fake_slack: FakeSlack) -> None:
    """Else a workspace could call a group of its own `oncall`, and approve in another."""
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    assert await SlackDirectory(clients, alone=False).groups(person("U1")) == ("group:S1",)
    await clients.close()


async def test_a_workspace_is_asked_again_after_a_while(
    clients: Clients, slack: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ttl_cache, "time", ahead := ClockAhead())
    directory = SlackDirectory(clients, keep=60)
    await asyncio.gather(*(directory.groups(person("U1")) for _ in range(5)))
    assert slack.counts == {"usergroups.list": 1}
    slack.answers["usergroups.list"] = [fine(usergroups=[])]
    ahead.by = 60
    assert await directory.groups(person("U1")) == ()


async def test_people_of_other_platforms_have_no_groups(clients: Clients, slack: Scripted) -> None:
    assert await SlackDirectory(clients).groups(person("U1", platform="discord")) == ()
    assert not slack.calls


async def test_a_plan_without_user_groups_has_none(clients: Clients, slack: Scripted) -> None:
    slack.answers["usergroups.list"] = [answer(error="plan_upgrade_required")]
    assert await SlackDirectory(clients).groups(person("U1")) == ()


@pytest.mark.parametrize("given", [LOST, answer(500), answer(429, {"Retry-After": "1"})])
async def test_groups_stay_unknown_while_slack_is_away(clients: Clients, slack: Scripted, given: web.Response) -> None:
    slack.answers["usergroups.list"] = [given]
    directory = SlackDirectory(clients)
    with pytest.raises(ChatUnavailable):
        await directory.groups(person("U1"))
    assert await directory.groups(person("U1")) == ("group:S1", "group:oncall")


# --- what people are there ---------------------------------------------------------------------------------

HOME = {"id": "U1", "team_id": "T1"}
GRID = {"id": "W1", "team_id": "T3", "enterprise_user": {"enterprise_id": "E1", "teams": ["T3", "T4"]}}


@pytest.mark.parametrize(
    ("user", "team", "enterprise", "standing"),
    [
        (HOME, "T1", "", "member"),
        (HOME | {"is_restricted": True}, "T1", "", "guest"),
        (HOME | {"is_restricted": True, "is_ultra_restricted": True}, "T1", "", "guest"),
        (HOME, "T2", "", "external"),
        (HOME | {"team_id": "T2"}, "T1", "", "external"),
        (HOME | {"is_stranger": True}, "T1", "", "external"),
        (GRID, "T3", "E1", "member"),
        (GRID, "T4", "E1", "member"),
        (GRID, "T5", "E1", "member"),  # any workspace of the organisation's
        (GRID | {"is_restricted": True}, "T4", "E1", "guest"),
        (GRID, "T5", "E2", "external"),
        (GRID | {"team_id": "E1", "enterprise_user": {}}, "T3", "E1", "member"),
        ({"id": "U1"}, "T1", "", "unknown"),
    ],
)
async def test_slack_tells_who_is_a_member_a_guest_or_of_another_organisation(
    clients: Clients, slack: Scripted, user: dict[str, object], team: str, enterprise: str, standing: str
) -> None:
    slack.answers["users.info"] = [fine(user=user)]
    one = Principal(platform="slack", workspace=team, enterprise=enterprise, user_id="U1", standing="unknown")
    assert await SlackDirectory(clients).standing(one) == standing


async def test_whom_slack_does_not_know_is_nobody_there(clients: Clients, slack: Scripted) -> None:
    slack.answers["users.info"] = [answer(error="user_not_found")]
    assert await SlackDirectory(clients).standing(person("U99")) == "unknown"
    assert await SlackDirectory(clients).standing(person("U1", platform="discord")) == "unknown"


async def test_what_somebody_is_stays_unknown_while_slack_is_away(clients: Clients, slack: Scripted) -> None:
    slack.answers["users.info"] = [answer(500), fine(user=HOME)]
    directory = SlackDirectory(clients)
    with pytest.raises(ChatUnavailable):
        await directory.standing(person("U1"))
    assert await directory.standing(person("U1")) == "member"
