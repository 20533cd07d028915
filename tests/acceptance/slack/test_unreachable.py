"""A thread that takes no messages: whoever asked is told, and it goes on once people speak there again."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.worker_harness import call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b"))
PEOPLE = ("U1", "U2", "U3")


@pytest.mark.parametrize("channel", ["C8", "C9"], ids=["public", "private"])
async def test_a_command_where_the_app_is_no_member_starts_nothing_until_its_author_chooses(
    fake_slack: FakeSlack, opened: Callable[..., Opened], channel: str
) -> None:
    async with opened([done("It is painted.")]) as app:
        await fake_slack.slash("U1", channel, "/agent", "run Paint the shed")
        offered = await app.told("U1", "Nothing was started: I cannot post in that channel.", channel=channel)
        assert await app.tasks() == []
        for _ in range(2):
            await fake_slack.click("U1", offered.ts, "Run it in my direct messages")
        await app.told("U1", "Started in your direct messages: **Paint the shed**", channel=channel, times=2)
        await app.message("It is painted.", channel="D1")
        assert len(await app.tasks()) == 1


async def test_a_thread_goes_on_when_people_speak_in_it_after_the_app_came_back(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("It is painted."), done("Yes, I am.")]) as app:
        await fake_slack.slash("U1", "C2", "/agent", "run Paint the shed")
        card = await app.message("Allow Write (notes)?", channel="C2")
        fake_slack.channel("C2", members=PEOPLE)
        await fake_slack.click("U1", card.ts, "Allow once")
        await app.message("The task “Paint the shed” cannot post in its thread.", channel="D1")
        fake_slack.channel("C2", members=(*PEOPLE, "UBOT1"))
        await fake_slack.say("U1", "C2", "Are you there?", thread_ts=card.thread_ts)
        seen = await app.shows("It is painted.", "Yes, I am.", channel="C2", thread=card.thread_ts)
        assert seen.index("Are you there?") < seen.index("Yes, I am.")
        assert (await app.message("Write (notes) allowed by", channel="C2")).ts == card.ts


async def test_replies_under_a_first_message_that_somebody_deleted_still_reach_the_task(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("Red."), done("Blue.")]) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Paint the shed")
        asked = await app.message("Allow Write (notes)?")
        old = asked.thread_ts
        await fake_slack.delete_message("UBOT1", "C1", old)
        await fake_slack.click("U1", asked.ts, "Allow once")
        await app.message("Red.")
        new = (await app.message("Paint the shed", "Done")).ts
        assert new != old
        await fake_slack.say("U1", "C1", "Or rather blue", thread_ts=old)
        assert (await app.message("Blue.")).thread_ts == new
