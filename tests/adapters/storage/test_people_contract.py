"""Which accounts are one person's."""

import asyncio
import re

import pytest
from sqlalchemy import text

from threadwork.workflows.domain.linking import CROWDED, LOCKED, MAX_ACCOUNTS, MAX_WRONG_CODES, OWN, TWINS, WRONG
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import LOCAL, Principal

ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
ANN_THERE = Principal(platform="discord", workspace="7", user_id="77", name="ann")
EVE = Principal(platform="slack", workspace="T1", user_id="U9", name="Eve")


@pytest.fixture
def people(story):
    return story.store.people


async def link(people, one, other):
    return await people.join(other, await people.offer(one))


def elsewhere(number):
    return Principal(platform="slack", workspace=f"T{number}", user_id="U1")


async def test_a_person_with_one_account_is_that_account(people):
    assert await people.accounts(ANN) == (ANN,)


@pytest.mark.parametrize(("one", "other"), [(ANN, ANN_THERE), (ANN_THERE, ANN), (LOCAL, ANN), (ANN_THERE, LOCAL)])
async def test_a_code_makes_two_accounts_one_person_from_either_side(people, one, other):
    assert await link(people, one, other) == (other, one)
    assert await people.accounts(one) == (one, other)
    assert await people.accounts(EVE) == (EVE,)


async def test_a_third_account_joins_both_and_two_people_become_one_whole(people):
    await link(people, ANN, ANN_THERE)
    await link(people, LOCAL, elsewhere(5))
    await link(people, ANN_THERE, LOCAL)
    for one in (ANN, ANN_THERE, LOCAL, elsewhere(5)):
        assert {account.key for account in await people.accounts(one)} == {
            ANN.key,
            ANN_THERE.key,
            LOCAL.key,
            elsewhere(5).key,
        }


async def test_a_code_is_taken_however_it_is_typed(people):
    code = await people.offer(ANN)
    assert re.fullmatch("[A-Z2-9]{4}-[A-Z2-9]{4}", code)
    assert await people.join(ANN_THERE, f" `{code.lower().replace('-', ' – ')}` ") == (ANN_THERE, ANN)


async def test_an_account_is_the_same_person_on_every_server_where_ids_are_the_platforms_own(people):
    await link(people, ANN, ANN_THERE)
    directly = ANN_THERE.model_copy(update={"workspace": ""})
    assert await people.accounts(directly) == (directly, ANN)
    assert await people.accounts(ANN.model_copy(update={"workspace": "T2"})) == (
        ANN.model_copy(update={"workspace": "T2"}),
    )


async def test_a_code_is_refused_that_is_wrong_old_or_used_by_somebody_else(people, story):
    code = await people.offer(ANN)
    with pytest.raises(Rejected, match=WRONG):
        await people.join(ANN_THERE, "AAAA-AAAA")
    story.clock.pass_by(599)
    await people.join(ANN_THERE, code)
    with pytest.raises(Rejected, match=WRONG):
        await people.join(LOCAL, code)
    late = await people.offer(ANN)
    story.clock.pass_by(600)
    with pytest.raises(Rejected, match=WRONG):
        await people.join(LOCAL, late)
    assert await people.accounts(LOCAL) == (LOCAL,)


async def test_a_new_code_replaces_the_one_before_and_nobody_elses(people):
    old, hers, new = await people.offer(ANN), await people.offer(LOCAL), await people.offer(ANN)
    with pytest.raises(Rejected, match=WRONG):
        await people.join(ANN_THERE, old)
    assert await people.join(ANN_THERE, new) == (ANN_THERE, ANN)
    assert LOCAL in await people.join(ANN_THERE, hers)


async def test_the_same_command_delivered_twice_is_answered_alike_until_they_part(people):
    code = await people.offer(ANN)
    assert await people.join(ANN_THERE, code) == await people.join(ANN_THERE, code)
    await people.leave(ANN_THERE)
    with pytest.raises(Rejected, match=WRONG):
        await people.join(ANN_THERE, code)


async def test_an_accounts_own_code_is_refused_and_stays_good_for_another(people):
    code = await people.offer(ANN)
    with pytest.raises(Rejected, match=OWN):
        await people.join(ANN, code)
    assert await people.join(ANN_THERE, code) == (ANN_THERE, ANN)


async def test_two_accounts_of_one_workspace_stay_two_people_directly_and_by_way_of_others(people):
    with pytest.raises(Rejected, match=TWINS):
        await link(people, ANN, EVE)
    await link(people, ANN, ANN_THERE)
    with pytest.raises(Rejected, match=TWINS):
        await link(people, ANN_THERE, EVE)
    with pytest.raises(Rejected, match=TWINS):
        await link(people, LOCAL, LOCAL.model_copy(update={"user_id": "other"}))
    assert await people.accounts(EVE) == (EVE,)


async def test_a_person_has_so_many_accounts_at_most(people):
    for number in range(2, MAX_ACCOUNTS + 1):
        await link(people, ANN, elsewhere(number))
    with pytest.raises(Rejected, match=CROWDED):
        await link(people, ANN, elsewhere(MAX_ACCOUNTS + 1))
    assert len(await people.accounts(ANN)) == MAX_ACCOUNTS


async def test_after_some_wrong_codes_even_the_right_one_is_refused_for_ten_minutes(people, story):
    for _ in range(MAX_WRONG_CODES):
        with pytest.raises(Rejected, match=WRONG):
            await people.join(ANN_THERE, "AAAA-AAAA")
    with pytest.raises(Rejected, match=LOCKED):
        await link(people, ANN, ANN_THERE)
    assert await link(people, ANN, LOCAL) == (LOCAL, ANN), "others are not locked out"
    story.clock.pass_by(600)
    assert ANN in await link(people, ANN, ANN_THERE)


async def test_a_right_code_makes_good_the_wrong_ones_before(people):
    for other in (ANN_THERE, elsewhere(2)):
        for _ in range(MAX_WRONG_CODES - 1):
            with pytest.raises(Rejected, match=WRONG):
                await people.join(LOCAL, "AAAA-AAAA")
        assert other in await link(people, other, LOCAL)


async def test_an_account_that_leaves_stands_alone_and_the_others_stay_together(people):
    await link(people, ANN, ANN_THERE)
    await link(people, ANN, LOCAL)
    await people.leave(ANN)
    assert await people.accounts(ANN) == (ANN,)
    assert await people.accounts(LOCAL) == (LOCAL, ANN_THERE)
    await people.leave(LOCAL)
    await people.leave(LOCAL)
    assert await people.accounts(ANN_THERE) == (ANN_THERE,)
    assert await link(people, ANN, LOCAL) == (LOCAL, ANN)


async def test_of_many_who_use_a_code_at_once_one_is_linked(people):
    code = await people.offer(ANN)
    others = [Principal(platform="discord", workspace="7", user_id=str(number)) for number in range(8)]
    results = await asyncio.gather(*(people.join(one, code) for one in others), return_exceptions=True)
    assert [type(result) for result in results].count(tuple) == 1
    assert len(await people.accounts(ANN)) == 2


async def test_people_who_are_linked_from_several_sides_at_once_are_one_whole(people):
    sides = [elsewhere(number) for number in range(2, 8)]
    codes = [await people.offer(one) for one in sides]
    await asyncio.gather(*(people.join(ANN, code) for code in codes))
    assert len(await people.accounts(ANN)) == len(sides) + 1


async def test_codes_are_stored_as_hashes_only(sql_story, database):
    code = await sql_story.store.people.offer(ANN)
    async with database.read() as connection:
        rows = str((await connection.execute(text("SELECT * FROM link_codes"))).all())
    assert "U1" in rows
    assert code not in rows
    assert code.replace("-", "") not in rows


# --- who counts as one where people must differ ------------------------------------------------------------


async def test_a_machine_and_a_person_of_slack_are_whoever_they_are_wherever_they_are_met(people):
    assert await people.humans(LOCAL) == ("machine",)
    assert await people.humans(ANN) == await people.humans(elsewhere(5)) == ("slack::U1",)


async def test_linked_accounts_are_one_human_from_whichever_installation_one_of_them_comes(people):
    await link(people, ANN, ANN_THERE)
    assert set(await people.humans(ANN_THERE)) == set(await people.humans(elsewhere(5))) == {"slack::U1", "discord::77"}


async def test_accounts_that_were_linked_since_then_stay_one(people, clock):
    before = clock()
    await link(people, ANN, ANN_THERE)
    clock.pass_by(60)
    during = clock()
    clock.pass_by(60)
    await people.leave(ANN)
    clock.pass_by(60)

    assert await people.humans(ANN) == ("slack::U1",)
    assert await people.humans(ANN, clock()) == ("slack::U1",)
    for since in (before, during):
        assert set(await people.humans(ANN, since)) == {"slack::U1", "discord::77"}
        assert set(await people.humans(ANN_THERE, since)) == {"slack::U1", "discord::77"}


async def test_who_left_stays_one_with_those_who_joined_others_since(people, clock):
    since = clock()
    await link(people, ANN, ANN_THERE)
    clock.pass_by(60)
    await people.leave(ANN_THERE)
    await link(people, ANN, LOCAL)
    clock.pass_by(60)
    await link(people, EVE.model_copy(update={"workspace": "T7"}), ANN)

    assert "discord::77" in await people.humans(ANN, since)
    assert "slack::U1" in await people.humans(ANN_THERE, since)
    assert await people.humans(ANN_THERE) == ("discord::77",)
