"""Workspaces that installed the Slack app, in memory and in tables."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.adapters.conftest import Clock, Story
from threadwork.adapters.memory.slack_installations import MemoryInstallations, MemoryStates
from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.slack_installations import (
    STATE_LASTS,
    Facts,
    Installed,
    OAuthStates,
    StoredInstallations,
    Tokens,
)
from threadwork.adapters.sql.slack_installations import SqlInstallations, SqlStates
from threadwork.adapters.sql.store import SqlStore

Opened = Callable[[str], AbstractAsyncContextManager[Story]]
TOKENS = Tokens(token="xoxb-1", refresh_token="r1")
NEWER = Tokens(token="xoxb-2")


def installed(team: str = "T1", bot: str = "B1", tokens: Tokens = TOKENS) -> Installed:
    return Installed(team_id=team, facts=Facts(bot_user_id=bot, scopes=("chat:write",)), tokens=tokens)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def known(
    request: pytest.FixtureRequest, opened: Opened, clock: Clock
) -> AsyncIterator[MemoryInstallations | SqlInstallations]:
    async with opened(request.param) as story:
        if not isinstance(story.store, SqlStore):
            yield MemoryInstallations(clock)
        else:
            yield SqlInstallations(story.store.tasks._database, Seal(), clock)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def states(
    request: pytest.FixtureRequest, opened: Opened, clock: Clock
) -> AsyncIterator[MemoryStates | SqlStates]:
    async with opened(request.param) as story:
        if isinstance(story.store, SqlStore):
            yield SqlStates(story.store.tasks._database, clock)
        else:
            yield MemoryStates(clock)


async def _seen(known: StoredInstallations, team: str = "T1") -> Installed:
    found = await known.get(team)
    assert found
    return found


async def test_who_installs_is_known_by_team_and_by_bot(known: StoredInstallations) -> None:
    assert await known.get("T1") is None
    for team, bot in (("T2", "B1"), ("T1", "B1"), ("T3", "B3")):
        await known.put(installed(team, bot))
    assert await known.teams() == ["T1", "T2", "T3"]
    assert await known.bots() == {"B1": ["T1", "T2"], "B3": ["T3"]}
    assert await known.get("T1") == installed().model_copy(update={"version": 1})


async def test_one_renews_at_a_time_until_the_claim_has_run_out(known: StoredInstallations, clock: Clock) -> None:
    await known.put(installed())
    seen = await _seen(known)
    assert await known.claim(seen, 30)
    assert not await known.claim(seen, 30)
    clock.pass_by(30)
    assert await known.claim(seen, 30)
    await known.give_up(seen)
    assert await known.claim(seen, 30)


async def test_what_was_renewed_is_renewed_from_what_stands_now_alone(known: StoredInstallations) -> None:
    await known.put(installed())
    seen = await _seen(known)
    assert await known.claim(seen, 30)
    assert await known.renew(seen, NEWER)
    assert (await _seen(known)).tokens == NEWER
    assert not await known.claim(seen, 30)
    assert not await known.renew(seen, TOKENS)
    assert not await known.remove(seen)
    assert await known.claim(await _seen(known), 30)


async def test_who_installs_again_replaces_a_renewal_under_way(known: StoredInstallations) -> None:
    await known.put(installed())
    seen = await _seen(known)
    assert await known.claim(seen, 30)
    await known.put(installed(tokens=NEWER))
    assert not await known.renew(seen, TOKENS)
    again = await _seen(known)
    assert (again.tokens, again.version) == (NEWER, 2)
    assert await known.claim(again, 30)
    assert await known.remove(again)
    assert await known.get("T1") is None


async def test_a_state_is_good_for_one_return_in_time(states: OAuthStates, clock: Clock) -> None:
    once, late = await states.issue(), await states.issue()
    assert await states.consume(once)
    assert not await states.consume(once)
    clock.pass_by(STATE_LASTS.total_seconds())
    assert not await states.consume(late)
    assert not await states.consume("never issued")
