"""Cards on their way to Discord: threads, marks, files, and what is found again."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from tests.adapters.card_cases import RUNNING, changed
from tests.adapters.discord.outbound_harness import CHANNEL, MARK, PRIVATE, just_now, said, under
from tests.adapters.discord.small_discord import ROOM, TOKEN, No, SmallDiscord
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.cards.card_renderers import render
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import File, Part
from threadwork.workflows.values import Principal

ANSWER = "t23456789012/answer:1/0"
PICTURE = bytes(range(256)) * 3
LONG = Part(**said("head").model_dump(exclude={"file"}), file=File(name="answer.md", text="all of it: ä"))


async def a_root(chat: DiscordChat) -> str:
    return await chat.post(CHANNEL, said("root"), MARK)


# --- where it stands -------------------------------------------------------------------------------------


async def test_the_thread_is_created_with_the_first_card_under_the_root(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    assert root not in discord.channels
    for number in range(3):
        await chat.post(under(root), said(f"card {number}"), f"t/notice:{number}/0")
    assert discord.texts(ROOM) == ["root"]
    assert discord.texts(root) == ["card 0", "card 1", "card 2"]
    assert len([path for path in discord.paths("POST") if path.endswith("/threads")]) == 1


async def test_a_thread_is_named_after_the_goal_and_whoever_asked_is_in_it(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    anna = Principal(platform="discord", workspace="500", user_id="123456789012345678", name="Anna")
    (status,) = render("t1", changed(RUNNING, goal="Fix *all* of\nit_", by=anna))
    root = await chat.post(CHANNEL, status, MARK)
    await chat.post(under(root), said(), ANSWER)
    assert discord.channels[root]["name"] == "Fix *all* of"
    assert discord.channels[root]["members"] == ["123456789012345678"]


async def test_a_long_goal_makes_a_name_that_discord_takes(chat: DiscordChat, discord: SmallDiscord) -> None:
    (status,) = render("t1", changed(RUNNING, goal="word " * 100))
    root = await chat.post(CHANNEL, status, MARK)
    await chat.post(under(root), said(), ANSWER)
    assert len(discord.channels[root]["name"]) <= 100
    assert discord.channels[root]["name"].endswith("…")


async def test_a_thread_on_a_persons_message_is_named_after_what_they_said(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    theirs = discord.put(ROOM, "41", content="<@900> Tidy up, **please**\nand soon")["id"]
    await chat.post(under(theirs), said("status"), MARK)
    assert discord.channels[theirs]["name"] == "Tidy up, please"
    assert discord.texts(theirs) == ["status"]


async def test_whoever_comes_second_finds_the_thread_that_another_process_has_created(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)

    def race(method: str, path: str) -> None:
        if path.endswith("/threads"):
            discord.channels[root] = {"type": 11}

    discord.before = race
    await chat.post(under(root), said("card"), ANSWER)
    assert discord.texts(root) == ["card"]


async def test_a_direct_message_has_no_threads_so_cards_are_replies(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await chat.post(PRIVATE, said("root"), MARK)
    cards = [await chat.post(under(root, PRIVATE), said(f"{n}"), f"t/notice:{n}/0") for n in range(2)]
    assert discord.texts(PRIVATE.channel) == ["root", "0", "1"]
    assert discord.messages[PRIVATE.channel][1]["message_reference"] == {
        "message_id": root,
        "fail_if_not_exists": False,
    }
    found = await chat.find(under(root, PRIVATE), just_now())
    assert [one.message_id for one in found] == cards
    await chat.edit(under(root, PRIVATE), cards[0], said("new"), "t/notice:0/0")
    await chat.delete(under(root, PRIVATE), cards[1])
    assert discord.texts(PRIVATE.channel) == ["root", "new"]
    assert len([path for path in discord.paths("POST") if path.endswith("/threads")]) == 1


async def test_without_the_permission_for_threads_cards_are_replies_that_another_process_finds_and_edits(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    discord.before = lambda method, path: No(403, 50_013) if path.endswith("/threads") else None
    card = await chat.post(under(root), said("card"), ANSWER)
    other = Rest(TOKEN, discord.url)
    restarted = DiscordChat(other)
    with pytest.raises(ChatUnavailable) as raised:
        await restarted.find(under(root), just_now())
    assert raised.value.retry_after == 0, "at once, but within the limits of the channel"
    assert [bucket.key for bucket in restarted.buckets(under(root), "find")] == [f"discord:{ROOM}:find", "discord:all"]
    assert [one.message_id for one in await restarted.find(under(root), just_now())] == [card]
    await restarted.edit(under(root), card, said("new"), ANSWER)
    assert discord.texts(ROOM) == ["root", "new"]
    await other.close()


async def test_a_task_begun_inside_a_thread_has_all_its_cards_there(chat: DiscordChat, discord: SmallDiscord) -> None:
    discord.channels["300"] = {"type": 11}
    status = await chat.post(under("300"), said("status"), MARK)
    await chat.edit(under("300"), status, said("status 2"), MARK)
    assert discord.texts("300") == ["status 2"]
    assert [one.mark for one in await chat.find(under("300"), just_now())] == [MARK]


async def test_an_archived_thread_is_reopened(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await a_root(chat)
    card = await chat.post(under(root), said("card"), ANSWER)
    discord.channels[root]["archived"] = True
    await chat.edit(under(root), card, said("new"), ANSWER)
    assert discord.texts(root) == ["new"]
    assert discord.channels[root]["archived"] is False


async def test_a_locked_thread_is_told_of_and_not_opened(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await a_root(chat)
    card = await chat.post(under(root), said("card"), ANSWER)
    discord.channels[root]["locked"] = True
    with pytest.raises(SinkGone, match="is locked"):
        await chat.post(under(root), said("more"), "t/notice:1/0")
    discord.channels[root]["archived"] = True
    with pytest.raises(SinkGone, match="Unlock it"):
        await chat.edit(under(root), card, said("new"), ANSWER)


async def test_cards_go_on_in_the_channel_when_the_root_was_deleted_before_it_had_a_thread(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    discord.remove(ROOM, root)
    await chat.post(under(root), said("card"), ANSWER)
    assert discord.texts(ROOM) == ["card"]


# --- what it says ----------------------------------------------------------------------------------------


async def test_a_long_text_is_attached_and_goes_when_the_card_no_longer_has_it(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    message = await chat.post(CHANNEL, LONG, ANSWER)
    assert discord.messages[ROOM][0]["uploaded"] == {
        "filename": "answer.md",
        "text": "all of it: ä",
        "kind": "text/plain; charset=utf-8",
    }
    assert discord.messages[ROOM][0]["attachments"] == [{"id": 0, "filename": "answer.md"}]
    await chat.edit(CHANNEL, message, said("decided"), ANSWER)
    assert discord.messages[ROOM][0]["attachments"] == []


async def test_a_picture_of_a_tool_goes_byte_for_byte_under_its_kind(chat: DiscordChat, discord: SmallDiscord) -> None:
    picture = File(name="image-1.png", media_type="image/png", ref="file:output:1.2:0", content=PICTURE)
    await chat.post(CHANNEL, Part(**said("see").model_dump(exclude={"file"}), file=picture), ANSWER)
    uploaded = discord.messages[ROOM][0]["uploaded"]
    assert uploaded["text"].encode(errors="surrogateescape") == PICTURE
    assert (uploaded["filename"], uploaded["kind"]) == ("image-1.png", "image/png")


async def test_a_file_that_is_too_large_is_said_to_be(chat: DiscordChat, discord: SmallDiscord) -> None:
    refusals = [No(413, 40_005)]
    discord.before = lambda method, path: refusals.pop() if path.endswith("/messages") and refusals else None
    await chat.post(CHANNEL, LONG, ANSWER)
    assert discord.messages[ROOM][0]["content"] == "⚠️ answer.md is too large to be attached."


async def test_a_card_whose_file_is_not_taken_goes_without_it_and_says_so(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    refusals = [No(403, 50_013)]
    discord.before = lambda method, path: refusals.pop() if path.endswith("/messages") and refusals else None
    await chat.post(CHANNEL, LONG, ANSWER)
    (message,) = discord.messages[ROOM]
    assert message["content"] == "⚠️ answer.md could not be attached. Give the bot Attach Files here."
    assert "uploaded" not in message


# --- exactly once ----------------------------------------------------------------------------------------


async def test_a_post_whose_answer_was_lost_is_found_and_its_repeat_is_the_same_message(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    discord.after = lambda method, path: method == "POST"
    with pytest.raises(ChatUnavailable) as lost:
        await chat.post(CHANNEL, said(), MARK)
    assert lost.value.retry_after is None
    discord.after = lambda method, path: False
    (found,) = await chat.find(CHANNEL, just_now())
    assert (found.mark, found.at.tzinfo) == (MARK, UTC)
    assert await chat.post(CHANNEL, said(), MARK) == found.message_id
    assert len(discord.messages[ROOM]) == 1


def made_long_ago(discord: SmallDiscord, message_id: str) -> str:
    """Gives a message the id of a minute ago."""
    old = str(int(message_id) - (60_000 << 22))
    for message in [*discord.messages[ROOM], *discord.nonces.values()]:
        if message["id"] == message_id:
            message["id"] = old
    return old


async def test_a_nonce_that_leads_to_an_earlier_post_does_not_leave_its_words_there(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    old = made_long_ago(discord, await chat.post(CHANNEL, said("old"), MARK))
    assert await chat.post(CHANNEL, said("new"), MARK) == old
    assert discord.texts(ROOM) == ["new"]


async def test_a_nonce_that_leads_to_a_deleted_message_does_not_lose_the_card(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    old = made_long_ago(discord, await chat.post(CHANNEL, said(), MARK))
    discord.remove(ROOM, old)
    assert await chat.post(CHANNEL, said(), MARK) != old
    assert len(discord.messages[ROOM]) == 1


async def test_the_same_card_in_another_channel_or_another_card_has_another_nonce(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    discord.channels["101"] = {"type": 0}
    await chat.post(CHANNEL.model_copy(update={"channel": "101"}), said(), MARK)
    await chat.post(under(root), said(), ANSWER)
    assert len(discord.nonces) == 3


async def test_marks_of_others_and_of_the_root_are_left_alone_and_pages_are_read_to_the_end(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    stolen = discord.messages[ROOM][0]["embeds"]
    discord.put(ROOM, "901", embeds=stolen)
    discord.put(ROOM, "900", embeds=[{"url": "https://example.com/?mark=x"}])
    for _ in range(250):
        discord.put(ROOM, "901")
    last = await chat.post(CHANNEL, said(), "t/other/0")
    assert [one.message_id for one in await chat.find(CHANNEL, just_now())] == [root, last]
    assert await chat.find(CHANNEL, datetime.now(UTC) + timedelta(seconds=5)) == []


async def test_a_look_up_that_was_stopped_in_the_middle_goes_on_from_there(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    first = await a_root(chat)
    for _ in range(350):
        discord.put(ROOM, "901")
    last, since = await chat.post(CHANNEL, said(), ANSWER), just_now()
    answers = [None, None, No(429, 0, "Slower.", retry_after=0.1)]
    discord.before = lambda method, path: answers.pop(0) if path.endswith("/messages") and answers else None
    with pytest.raises(ChatUnavailable) as later:
        await chat.find(CHANNEL, since)
    await asyncio.sleep(later.value.retry_after or 0)
    read = len(discord.calls)
    assert [one.message_id for one in await chat.find(CHANNEL, since)] == [first, last]
    assert len(discord.calls) - read == 2


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (No(404, 10_003), SinkGone, "no longer exists"),
        (No(403, 50_001), SinkGone, "Give it View Channel"),
        (No(403, 50_013), SinkGone, "Give it Send Messages"),
        (No(400, 160_002, "Cannot reply without permission"), SinkGone, "Read Message History"),
        (No(403, 50_007), SinkGone, "Allow direct messages"),
        (No(401, 0, "401: Unauthorized"), SinkGone, "DISCORD_BOT_TOKEN"),
        (No(404, 10_008), NotFound, "gone"),
        (No(403, 50_005), NotFound, "not ours"),
        (No(400, 50_035, "Invalid Form Body"), Rejected, "Invalid Form Body"),
        (No(400, 200_000, "Blocked by AutoMod"), Rejected, "AutoMod"),
    ],
)
async def test_a_refusal_says_what_it_means_and_what_to_do(
    chat: DiscordChat, discord: SmallDiscord, refusal: No, kind: type[Exception], words: str
) -> None:
    discord.before = lambda method, path: refusal
    with pytest.raises(kind, match=words) as error:
        await chat.edit(CHANNEL, "1", said(), MARK)
    assert TOKEN not in repr(error.getrepr())
    assert len(discord.calls) == 1


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (No(429, 0, "You are being rate limited.", retry_after=1.25, **{"global": False}), 1.25),
        (web.Response(status=429, text="<html>", headers={"Retry-After": "7"}), 7.0),
        (web.Response(status=429, text="<html>"), 30.0),
        (No(500, 0), None),
        (web.Response(status=502, text="<html>Bad gateway"), None),
        (web.Response(status=403, text="<html>Access denied"), None),
    ],
    ids=["discord", "edge", "no time", "500", "502", "edge 403"],
)
async def test_what_passes_is_tried_once_and_says_for_how_long(
    chat: DiscordChat, discord: SmallDiscord, answer: web.Response | No, seconds: float | None
) -> None:
    discord.before = lambda method, path: answer
    with pytest.raises(ChatUnavailable) as error:
        await chat.post(CHANNEL, said(), MARK)
    assert error.value.retry_after == seconds
    assert len(discord.calls) == 1


async def test_without_a_connection_nothing_was_sent() -> None:
    nowhere = Rest(TOKEN, "http://127.0.0.1:9/api/v10")
    with pytest.raises(ChatUnavailable, match="cannot be reached") as away:
        await DiscordChat(nowhere).post(CHANNEL, said(), MARK)
    assert away.value.retry_after == 0
    await nowhere.close()


async def test_a_thread_that_could_not_be_opened_now_leaves_no_doubt_about_the_card(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    root = await a_root(chat)
    discord.before = lambda method, path: No(500, 0) if path.endswith("/threads") else None
    with pytest.raises(ChatUnavailable) as error:
        await chat.post(under(root), said(), ANSWER)
    assert error.value.retry_after == 0
    discord.before = lambda method, path: None
    await chat.post(under(root), said("card"), ANSWER)
    assert discord.texts(root) == ["card"]


async def test_an_edit_of_a_message_that_is_gone_says_so(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await a_root(chat)
    card = await chat.post(under(root), said(), ANSWER)
    await chat.delete(under(root), card)
    with pytest.raises(NotFound):
        await chat.edit(under(root), card, said(), ANSWER)


# --- limits ----------------------------------------------------------------------------------------------


def test_a_burst_and_what_flows_in_stay_below_what_discord_takes(chat: DiscordChat) -> None:
    for method in ("post", "edit", "delete", "find"):
        channel, whole = chat.buckets(under("7"), method)
        assert (channel.key, whole.key) == (f"discord:7:{method}", "discord:all")
        assert channel.burst + channel.per_minute / 60 * 5 <= 5
        assert whole.burst + whole.per_minute / 60 <= 50
