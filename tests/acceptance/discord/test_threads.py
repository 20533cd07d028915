"""What a thread looks like while the agent works in it and when it is done, on a phone as on a desk."""

from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_main_path import ASKED
from tests.discord_harness import ANN, BOB, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.screen_views import Seen
from tests.worker_harness import Hesitating, call, done
from threadwork.adapters.memory.model import says

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
CALLS = f"Wake up @everyone, @here, <@{BOB}>, <@!{BOB}> and <@&71>"  # everybody that a message can call
WRITES = says("", call("notes__write", name="b"))


def nobody_was_called(discord: FakeDiscord) -> None:
    """Neither by what was posted, nor by what any call would have allowed."""
    ours = [m for m in discord.messages() if m.bot]
    assert [ping for m in ours for ping in m.pings] == []
    sent = [one.arguments for one in discord.calls() if one.method in ("create_message", "update_message")]
    assert sent
    assert all(one["allowed_mentions"]["parse"] == [] for one in sent)


def texts(seen: list[Seen]) -> list[str]:
    return [str(embed.get("description") or "") for one in seen for embed in one.embeds]


async def test_what_is_being_written_shows_while_it_is_written_and_calls_nobody(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    fake_discord.member(fake_discord.bot, ["79", "72"])  # who may call everyone
    model = Hesitating(f"I suspect the disk. {CALLS}. ", [done("It was the disk.")])
    async with opened(model) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Find out"})
        writing = await app.message("Find out", "🟢 **Working**", "*Thinking …*", "I suspect the disk.")
        model.told.set()
        await app.message("It was the disk.", "[👍] [👎]", channel=None)
        ended = await app.message("Find out", "✅ **Done**")
    assert ended.id == writing.id
    assert "Now:" not in ended.readable
    nobody_was_called(fake_discord)


async def test_nothing_that_a_model_or_a_person_writes_calls_anybody_on_any_card(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    fake_discord.member(fake_discord.bot, ["79", "72"])
    script = [
        says(CALLS, call("notes__write", name=CALLS)),
        says("", call("ask_user", question=CALLS, options=[CALLS, "No"])),
        says("", call("update_plan", items=[{"text": CALLS, "state": "doing"}]), call("ask_user", question="Sure?")),
        done(CALLS),
    ]
    async with opened(script) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": CALLS})
        card = await app.message(ASKED, channel=None)
        await app.more(BOB, card, "Deny with a reason")
        await fake_discord.submit_modal(BOB, {"Why not?": CALLS})
        card = await app.message("The agent asks", "[No]", channel=card.channel)
        await fake_discord.click(BOB, card.id, "No")
        card = await app.message("Sure?", channel=card.channel)
        await fake_discord.say(ANN, card.channel, CALLS)
        await app.message("Wake up", "[👍] [👎]", channel=card.channel)
        await fake_discord.slash(ANN, GENERAL, "agent list")
        await app.told(ANN, "Your tasks.", "Wake up")
    nobody_was_called(fake_discord)


# --- long texts ------------------------------------------------------------------------------------------


async def test_a_long_answer_comes_in_pieces_whose_code_stays_code(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    code = "\n".join(f"SELECT {number} FROM incidents;" for number in range(150))
    answer = f"Run this.\n\n```sql\n{code}\n```\n\nThen *look* again.\n\n" + "All is well. " * 200
    async with opened([done(answer)]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "What do I run?"})
        last = await app.message("All is well.", "[👍] [👎]", channel=None)
        pieces = [m for m in fake_discord.messages(last.channel) if m.embeds and m.embeds[0].get("footer")]
        shown = texts(pieces)
    assert len(pieces) > 1
    assert [m.embeds[0]["footer"]["text"].partition(" · ")[0] for m in pieces] == [
        f"{n} of {len(pieces)}" for n in range(1, len(pieces) + 1)
    ]
    assert pieces[-1].id == last.id
    assert all(len(text) <= 4_096 and text.count("```") % 2 == 0 for text in shown)
    assert all(text.count("```sql\n") == text.count("```") / 2 for text in shown)
    assert all(f"SELECT {number} FROM incidents;" in "".join(shown) for number in range(150))


async def test_a_very_long_answer_comes_as_its_head_and_a_file(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    answer = "# Findings\n\n" + "\n\n".join(f"Line {number}: the disk is full." for number in range(2_000))
    async with opened([done(answer)]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Tell me everything"})
        card = await app.message("# Findings", "Line 1:", "This is not all", "in the file answer.md", channel=None)
        (file,) = card.files
    assert "[👍] [👎]" in card.readable
    assert len(card.readable) < 2_200
    assert (file.name, file.text) == ("answer.md", answer)


async def test_arguments_too_long_to_be_read_on_a_card_are_a_file_until_they_are_decided(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    text = "\n".join(f"Line {number}" for number in range(500))
    async with opened([says("", call("notes__write", name="b", text=text)), done("Then not.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        card = await app.message(ASKED, "This is not all:", "arguments-1.txt", channel=None)
        (file,) = card.files
        assert "Line 499" in file.text
        await app.more(BOB, card, "Edit and allow")
        await app.told(BOB, "⚠️ These arguments are too long to be edited in Discord.", "Deny with a reason")
        await fake_discord.click(BOB, card.id, "Deny")
        decided = await app.message("**Write (notes)** denied by Bob", channel=card.channel)
    assert (decided.id, decided.files) == (card.id, [])


# --- a thread's own life -----------------------------------------------------------------------------------


async def test_an_archived_thread_is_opened_again_when_something_needs_a_person(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("ask_user", question="What now?"))]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        card = await app.message(ASKED, channel=None)
        fake_discord.channel(card.channel, archived=True)
        await fake_discord.click(BOB, card.id, "Deny")
        await app.told(BOB, "Denied: ")
        await app.message("What now?", "[Answer …]", channel=card.channel)
        assert not fake_discord.place(card.channel).archived
        assert (await app.message("**Write (notes)** denied by Bob", channel=card.channel)).id == card.id


async def test_a_thread_that_somebody_deleted_goes_on_as_answers_in_its_channel(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("Then not."), done("Welcome back.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        card = await app.message(ASKED, channel=None)
        fake_discord.channel(card.channel, gone=True)
        named = {"task": (await app.task()).task_id, "number": "1"}
        await fake_discord.slash(ANN, GENERAL, "agent deny", named)
        await app.told(ANN, "Denied: ")
        answer = await app.message("Then not.", "[👍] [👎]")
        assert answer.reply_to == card.channel
        await (await app.task()).result()
        await fake_discord.say(ANN, GENERAL, "Are you there?", reply_to=answer.id)
        await app.message("Welcome back.")
        assert len(await app.tasks()) == 1


async def test_replies_under_a_first_message_that_somebody_deleted_still_reach_the_task(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("Red."), done("Blue.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Paint the shed"})
        card = await app.message(ASKED, channel=None)
        await fake_discord.delete_message(BOB, card.channel)
        await fake_discord.click(BOB, card.id, "Deny")
        await app.message("Red.", channel=None)
        await (await app.task()).result()
        await fake_discord.say(ANN, card.channel, "Or rather blue")
        answer = await app.message("Blue.", channel=None)
        assert (await app.message("Asked by Ann", "✅ **Done**")).id == answer.channel != card.channel
        assert len(await app.tasks()) == 1
