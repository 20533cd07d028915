"""Threads: those that people had before the agent came, and what the agent's own looks like while it works."""

import re
from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.acceptance.slack.test_entrances import read
from tests.fake_slack.client import FakeSlack
from tests.worker_harness import Hesitating, agent, done
from threadwork.adapters.memory.catalog import MemoryCatalog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_mention_inside_a_conversation_takes_along_who_said_what(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([done("The disk is full.")]) as app:
        root = await fake_slack.say("U1", "C1", "The build is red &amp; I don't know why")
        await fake_slack.say("U2", "C1", "<@U3> changed the runners", thread_ts=root)
        await fake_slack.mention("U3", "C1", "can you find out?", thread_ts=root)
        await app.shows("can you find out?", "asked by Cid", "The disk is full.", thread=root)
        said = read(app)
        earlier = r"```\nAnn, [\d: -]+ UTC: The build is red & I don't know why\nBob, [\d: -]+ UTC: @Cid changed"
        assert re.search(earlier, said)
        assert said.index("can you find out?") < said.index("Earlier in this thread:")
        card = await app.message("asked by Cid", "[Details]")
        assert "Earlier in this thread" not in card.readable

        await fake_slack.say("U2", "C1", "I see, thanks", thread_ts=root)
        await fake_slack.mention("U2", "C1", "and which disk?", thread_ts=root)
        await (await app.task()).happened("follow_up.received")
        events = [event for event in await (await app.task()).events() if event.type == "follow_up.received"]
        assert [event.data["preview"] for event in events] == ["and which disk?"]


async def test_a_long_answer_comes_as_its_head_and_a_file(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    answer = "# Findings\n\n" + "\n\n".join(f"Line {number}: the disk is full." for number in range(2_000))
    async with opened([done(answer)]) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Tell me everything")
        card = await app.message("# Findings", "Line 1:", "This is not all", "is in the file answer.md", "[👍] [👎]")
        (upload,) = fake_slack.calls("files.getUploadURLExternal")
    assert len(card.readable) < 4_000
    assert int(upload.arguments["length"]) == len(answer)
    assert "|answer.md>" in card.blocks[-1]["text"]["text"]


async def test_what_is_being_written_shows_while_it_is_written_and_calls_nobody(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    model = Hesitating("I suspect the disk, <!channel>. ", [done("It was the disk.")])
    async with opened(model) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Find out")
        writing = await app.message("Find out", "🟢 Working", "Thinking …", "I suspect the disk, <!channel>.")
        model.told.set()
        await app.message("It was the disk.", "[👍] [👎]")
        ended = await app.message("Find out", "✅ Done")
    assert ended.ts == writing.ts
    assert "Thinking" not in ended.readable
    assert [ping for m in fake_slack.messages("C1") for ping in m.pings] == []


async def test_a_quiet_agents_thread_has_neither_notices_nor_the_goal_a_second_time(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    quiet = MemoryCatalog(agent(verbosity="quiet"))
    async with opened(Hesitating("I look. ", []), catalog=quiet) as app:
        root = await fake_slack.mention("U1", "C1", "tidy the shed")
        card = await app.message("🟢 Working", "[Stop]")
        assert (card.thread_ts, "tidy the shed" in card.readable) == (root, False)
        await fake_slack.say("U1", "C1", "stop", thread_ts=root)
        await app.message("⚫ Stopped", "[Details]")
        said = [m.readable for m in fake_slack.messages("C1") if m.thread_ts == root and not m.visible_to]
    assert not [words for words in said if "Reply to continue" in words]
