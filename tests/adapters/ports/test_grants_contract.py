"""Tools that people allowed for good: stored with their approval, and looked at by whoever claims a call."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.adapters.conftest import ANNA, Story
from threadwork.workflows.errors import NotFound
from threadwork.workflows.grants import Grant
from threadwork.workflows.values import Principal

BEN = Principal(platform="slack", workspace="T1", user_id="U2", name="Ben")


def grant(task: str, at: datetime, number: str = "1", **fields: Any) -> Grant:
    known: dict[str, Any] = {
        "agent": "ops",
        "tool": "hub.merge",
        "effect": "changes",
        "scope": "everybody",
        "by": (ANNA,),
    }
    return Grant(task_id=task, approval_id=number, given_at=at, **(known | fields))


async def gives(story: Story, task: str, *given: Grant) -> None:
    """Approvals that give them, as events of the task."""
    for one in given:
        asked = {"approval_id": one.approval_id, "tool": one.tool, "arguments_preview": "{}", "arguments_ref": "a"}
        decided: dict[str, Any] = {
            "approval_id": one.approval_id,
            "decision": "approve",
            "scope": "always",
            "click_id": "c",
        }
        decided |= {"by": one.by[-1].model_dump(mode="json"), "grant": one.model_dump(mode="json")}
        asked |= {"digest": "d", "expires_at": one.given_at.isoformat()}
        await story.happen(task, ("human_approval.requested", asked), ("human_approval.received", decided))


async def claims(story: Story, task: str, given: Grant, call_id: str = "1.9", attempt: str = "a", **rest: Any) -> str:
    claimed = await story.claim(task, call_id, attempt, kind="tool", grant_id=given.grant_id, **rest)
    return claimed.state


async def test_a_grant_comes_with_the_event_of_its_approval_and_is_kept_whole(story: Story) -> None:
    task, now = await story.begun(), story.clock.now
    of_a_channel = grant(task, now, scope="channel", about="slack:T1:C1", by=(ANNA, BEN), until=now + timedelta(days=7))
    await gives(story, task, of_a_channel)
    assert await story.store.grants.get(of_a_channel.grant_id) == of_a_channel
    assert await story.store.grants.of_tools("ops", ["hub.merge", "hub.read"]) == [of_a_channel]
    assert await story.store.grants.of_tools("ops", ["hub.read"]) == []
    assert await story.store.grants.of_tools("scout", ["hub.merge"]) == []
    [record] = await story.store.approvals.of_task(task)
    assert (record.scope, record.state) == ("always", "approved")


async def test_a_grant_of_a_delegated_task_is_stored_by_its_own_events_alone(story: Story) -> None:
    parent = await story.begun()
    await gives(story, parent, grant("tchild", story.clock.now))
    assert await story.store.grants.all() == []


async def test_a_revoked_grant_lets_nothing_run_and_revoking_it_again_changes_nothing(story: Story) -> None:
    task = await story.begun()
    given = grant(task, story.clock.now)
    await gives(story, task, given)
    assert await story.store.grants.revoke(given.grant_id, BEN) is True
    at = story.clock.now
    story.clock.pass_by(60)
    assert await story.store.grants.revoke(given.grant_id, ANNA) is False
    assert await claims(story, task, given) == "ungranted"
    assert await story.store.grants.all() == []
    [kept] = await story.store.grants.all(standing=False)
    assert (kept.revoked_at, kept.revoked_by) == (at, BEN)
    assert (await story.claim(task, "1.9", "b", kind="tool")).state == "mine", "nothing was claimed by it"
    with pytest.raises(NotFound):
        await story.store.grants.revoke("tnone.1", ANNA)


async def test_what_was_claimed_before_the_revocation_is_not_taken_back(story: Story) -> None:
    task = await story.begun()
    given = grant(task, story.clock.now)
    await gives(story, task, given)
    assert await claims(story, task, given, repeatable=False) == "mine"
    await story.store.grants.revoke(given.grant_id, ANNA)
    assert await claims(story, task, given, attempt="b", repeatable=False) == "taken"
    assert await claims(story, task, given, call_id="1.10") == "ungranted"


async def test_a_call_that_is_claimed_while_it_is_revoked_ran_before_or_not_at_all(story: Story) -> None:
    task = await story.begun()
    given = grant(task, story.clock.now)
    await gives(story, task, given)
    calls = [claims(story, task, given, call_id=f"1.{n}") for n in range(10, 20)]
    *states, revoked = await asyncio.gather(*calls, story.store.grants.revoke(given.grant_id, ANNA))
    assert revoked is True
    assert set(states) <= {"mine", "ungranted"}
    assert await claims(story, task, given, call_id="1.30") == "ungranted"


async def test_a_grant_that_is_over_lets_nothing_run(story: Story) -> None:
    task = await story.begun()
    given = grant(task, story.clock.now, until=story.clock.now + timedelta(hours=1))
    await gives(story, task, given)
    assert await claims(story, task, given) == "mine"
    story.clock.pass_by(3_600)
    assert await claims(story, task, given, call_id="1.10") == "ungranted"
    assert await story.store.grants.of_tools("ops", ["hub.merge"]) == await story.store.grants.all() == []
    assert await story.store.grants.revoke(given.grant_id, ANNA) is False


async def test_the_same_given_again_by_the_same_people_takes_the_place_of_the_first(story: Story) -> None:
    task, now = await story.begun(), story.clock.now
    first, others = grant(task, now, "1"), grant(task, now, "2", by=(BEN,))
    await gives(story, task, first, others)
    story.clock.pass_by(60)
    again = grant(task, story.clock.now, "3")
    await gives(story, task, again)
    standing = await story.store.grants.of_tools("ops", ["hub.merge"])
    assert [one.approval_id for one in standing] == ["2", "3"], "what others gave stands beside it"
    await story.store.grants.revoke(again.grant_id, ANNA)
    assert [one.approval_id for one in await story.store.grants.all()] == ["2"]


async def test_a_batch_that_is_stored_again_brings_no_revoked_grant_back(story: Story) -> None:
    task = await story.begun()
    given = grant(task, story.clock.now)
    await gives(story, task, given)
    await story.store.grants.revoke(given.grant_id, ANNA)
    stored = await story.store.events.read(task)
    await story.append(task, *stored)
    assert await story.store.grants.all() == []
