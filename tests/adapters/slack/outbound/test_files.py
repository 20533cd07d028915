"""Long texts beside a card."""

import pytest
from aiohttp import web

from tests.adapters.slack.outbound_harness import MARK, ROOM, part
from tests.adapters.slack.scripted_web_api import LOST, Scripted, answer
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import File

pytest_plugins = ["tests.fake_slack.fixture"]


async def test_a_long_text_is_uploaded_unshared_and_attached_to_its_card(
    real: SlackChat, fake_slack: FakeSlack
) -> None:
    await real.post(ROOM, part("see below", file=File(name="answer.md", text="é" * 10)), MARK)
    (message,) = fake_slack.messages("C1")
    (done,) = fake_slack.calls("files.completeUploadExternal")
    assert "channel_id" not in done.arguments
    assert "📎 answer.md" in message.readable
    assert [(file.name, file.text) for file in message.files] == [("answer.md", "é" * 10)]
    assert message.text == "see below"
    assert fake_slack.violations() == []


async def test_a_file_travels_whole_before_its_message(chat: SlackChat, slack: Scripted) -> None:
    await chat.post(ROOM, part("see", file=File(name="a<b.md", text="é" * 10)), MARK)
    assert list(slack.counts) == [
        "files.getUploadURLExternal",
        "upload",
        "files.completeUploadExternal",
        "chat.postMessage",
        "chat.update",
    ]
    assert slack.of("files.getUploadURLExternal") == [{"filename": "a<b.md", "length": "20"}]
    assert slack.of("upload") == [{"content": "é" * 10}]
    (sent,) = slack.of("chat.postMessage")
    assert sent["blocks"][-1]["text"]["text"] == "📎 <https://acme.example/files/F1|a&lt;b.md>"
    (attached,) = slack.of("chat.update")
    assert attached["file_ids"] == "F1"
    assert (attached["blocks"], attached["text"]) == (sent["blocks"], sent["text"])


async def test_a_picture_of_a_tool_travels_byte_for_byte_and_a_repeat_does_not_double_it(
    chat: SlackChat, slack: Scripted
) -> None:
    content = bytes(range(256)) * 3
    picture = File(name="image-1.png", media_type="image/png", ref="file:output:1.2:0", content=content)
    slack.answers["chat.postMessage"] = [LOST]
    with pytest.raises(ChatUnavailable):
        await chat.post(ROOM, part("see", file=picture), MARK)
    await chat.post(ROOM, part("see", file=picture), MARK)
    assert [one["content"].encode(errors="surrogateescape") for one in slack.of("upload")] == [content, content]
    assert {one["length"] for one in slack.of("files.getUploadURLExternal")} == {"768"}
    attached = [one["file_ids"] for one in slack.of("chat.update")]
    assert len(attached) == 1  # the file of the first try is shared nowhere


async def test_slack_fetches_no_address_of_a_message_with_a_file(chat: SlackChat, slack: Scripted) -> None:
    await chat.post(ROOM, part("see https://evil.example/?q=SECRET", file=File(name="a.md", text="long")), MARK)
    (sent,) = slack.of("chat.postMessage")
    assert not sent["unfurl_links"]
    assert not sent["unfurl_media"]


@pytest.mark.parametrize("given", [LOST, answer(429, {"Retry-After": "9"}), answer(error="internal_error")])
async def test_a_file_that_is_not_attached_leaves_the_post_in_doubt_so_that_it_is_looked_up(
    chat: SlackChat, slack: Scripted, given: web.Response
) -> None:
    slack.answers["chat.update"] = [given]
    with pytest.raises(ChatUnavailable) as later:
        await chat.post(ROOM, part("see", file=File(name="a.md", text="long")), MARK)
    assert later.value.retry_after is None


async def test_a_file_that_slack_will_not_attach_leaves_the_card_with_its_link(
    chat: SlackChat, slack: Scripted
) -> None:
    slack.answers["chat.update"] = [answer(error="file_share_limit_reached")]
    assert await chat.post(ROOM, part("see", file=File(name="a.md", text="long")), MARK)


async def test_an_edit_brings_its_file_along(real: SlackChat, fake_slack: FakeSlack) -> None:
    ts = await real.post(ROOM, part("short"), MARK)
    await real.edit(ROOM, ts, part("long", file=File(name="answer.md", text="new")), MARK)
    (message,) = fake_slack.messages("C1")
    assert [file.text for file in message.files] == ["new"]
    await real.edit(ROOM, ts, part("short again"), MARK)
    assert fake_slack.violations() == []


async def test_a_workspace_without_files_gets_the_card_and_a_word(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["files.getUploadURLExternal"] = [answer(error="file_uploads_disabled")]
    await chat.post(ROOM, part("see", file=File(name="answer.md", text="long")), MARK)
    (sent,) = slack.of("chat.postMessage")
    assert "answer.md could not be attached" in sent["blocks"][-1]["text"]["text"]


@pytest.mark.parametrize(("given", "seconds"), [(LOST, 0), (answer(429, {"Retry-After": "9"}), 9)])
async def test_an_upload_that_failed_leaves_no_doubt_about_the_message(
    chat: SlackChat, slack: Scripted, given: web.Response, seconds: float
) -> None:
    slack.answers["files.completeUploadExternal"] = [given]
    with pytest.raises(ChatUnavailable) as later:
        await chat.post(ROOM, part("see", file=File(name="answer.md", text="long")), MARK)
    assert later.value.retry_after == seconds
    assert "chat.postMessage" not in slack.counts
