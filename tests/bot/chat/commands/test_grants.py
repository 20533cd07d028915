"""`/agent grants`: who sees what is allowed for good, and takes it back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bot.chat.test_receive import BOB, CAT, EVE, OPS, Talk, asked
from tests.fake_run import AGENT, ANN, Front
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.bot.chat.grants import grants_of
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import Access
from threadwork.workflows.approval_events import HumanApprovalReceived
from threadwork.workflows.grants import Grant
from threadwork.workflows.inbound import Response
from threadwork.workflows.values import LOCAL, Principal

CLOSED = AGENT.model_copy(update={"name": "closed", "access": Access(grant=("U2",))})


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    front = Front(None, AGENT, OPS, CLOSED)
    async with intake_running(front.intake_worker):
        yield Talk(front)


async def given(talk: Talk, by: Principal = BOB, **fields: Any) -> Grant:
    """A task of Ann's on which somebody allowed a tool for good."""
    task_id = await talk.ordered()
    known: dict[str, Any] = {"agent": "default", "tool": "notes.write", "effect": "changes", "scope": "everybody"}
    at = datetime.now(UTC)
    grant = Grant(task_id=task_id, approval_id="1", by=(by,), given_at=at, **(known | fields))
    told = HumanApprovalReceived(
        approval_id="1", decision="approve", scope="always", by=by, click_id=task_id, grant=grant
    )
    await talk.happens(task_id, asked("1"), told)
    return grant


async def of(talk: Talk, by: Principal) -> list[str]:
    return [one.grant_id for one in await grants_of(talk.front.ports, by)]


def verbs(answer: Response) -> list[list[str]]:
    return [[button.press.verb for button in item.buttons] for item in answer.items]


async def test_the_list_says_what_whose_until_when_and_by_whom_and_its_button_takes_it_back(talk: Talk) -> None:
    until = datetime.now(UTC) + timedelta(days=7)
    grant = await given(talk, scope="person", about=ANN.account, shown="Ann", until=until)
    told = await talk.command("grants", by=BOB)
    [item] = told.items
    words = ("**notes.write**", "agent default", "Ann’s tasks", f"until {until.day} ", "allowed by Bob", grant.grant_id)
    assert [word for word in words if word not in item.text] == []
    [button] = item.buttons
    said = await talk.listener.presses(talk.source(BOB), button.press)
    assert said.text.startswith("Taken back: **notes.write**")
    again = await talk.listener.presses(talk.source(BOB), button.press)
    assert (again.tone, again.text.startswith("It stood no more")) == ("warning", True)
    assert (await talk.command("grants", by=BOB)).text.startswith("No tool is allowed for good")
    assert (await talk.store.grants.get(grant.grant_id)).revoked_by == BOB


async def test_it_is_taken_back_by_its_id_too_and_those_of_others_still_stand(talk: Talk) -> None:
    first, _ = await given(talk), await given(talk, by=CAT)
    said = await talk.command(f"grants revoke {first.grant_id}", by=BOB)
    assert "1 like it by others still stand" in said.text
    assert (await talk.command("grants revoke tnobody.1", by=BOB)).tone == "warning"
    assert (await talk.command("grants please", by=BOB)).tone == "warning"
    assert len(await talk.store.grants.all()) == 1


async def test_who_may_neither_give_nor_gave_it_neither_sees_it_nor_takes_it_back(talk: Talk) -> None:
    grant = await given(talk, by=BOB, agent="closed", scope="person", about=CAT.account, shown="Cat")
    assert [await of(talk, who) for who in (BOB, CAT, ANN)] == [[grant.grant_id], [grant.grant_id], []]
    assert (await talk.command("grants", by=ANN)).items == ()
    refused = await talk.command(f"grants revoke {grant.grant_id}", by=ANN)
    assert refused.text.startswith("Only who gave it")
    assert await talk.store.grants.all()


async def test_everybody_reaches_no_further_than_the_workspace(talk: Talk) -> None:
    grant = await given(talk)
    assert await of(talk, CAT) == [grant.grant_id]
    assert await of(talk, EVE) == [], "of another workspace"
    assert await of(talk, Principal(platform="discord", workspace="7", user_id="9", name="zed")) == []
    assert await of(talk, LOCAL) == [grant.grant_id], "whoever sits at the machine"
    closed = await given(talk, by=BOB, agent="closed")
    assert await of(talk, LOCAL) == [closed.grant_id, grant.grant_id], "also what they may not allow themselves"


async def test_who_gave_it_takes_it_back_also_once_they_may_give_no_more(talk: Talk) -> None:
    grant = await given(talk, by=CAT, agent="closed")
    assert isinstance(talk.front.ports.catalog, MemoryCatalog)
    assert await of(talk, CAT) == [grant.grant_id]


async def test_what_others_can_read_lists_nothing(talk: Talk) -> None:
    await given(talk)
    told, _ = await talk.says("<@UBOT> grants", by=BOB, mentioned=True)
    assert told is not None
    assert (told.items, told.text.startswith("Others can read this")) == ((), True)
