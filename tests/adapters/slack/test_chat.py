"""Slack's adapter behind the port: the unmodified SDK against real sockets."""

import pytest

from tests.adapters.slack.outbound_harness import MARK, ROOM, THREAD, part
from tests.adapters.slack.scripted_web_api import Scripted, answer
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.cards import StatusCard
from threadwork.workflows.values import Status

pytest_plugins = ["tests.fake_slack.fixture"]


async def test_a_status_card_is_rendered_with_its_link_and_state(clients: Clients) -> None:
    adapter = SlackChat(clients, link=lambda task_id: f"https://temporal.example/{task_id}")
    (rendered,) = adapter.render("t1", StatusCard(goal="Tidy up", status=Status.RUNNING, verbosity="verbose"))
    assert rendered.title == "Tidy up"
    assert rendered.state is Status.RUNNING
    assert "https://temporal.example/t1" in str(rendered.content)


async def test_a_post_carries_thread_blocks_and_mark_and_unfurls_nothing(chat: SlackChat, slack: Scripted) -> None:
    ts = await chat.post(THREAD, part("hello"), MARK)
    (sent,) = slack.of("chat.postMessage")
    assert ts == "1700000000.000001"
    assert (sent["channel"], sent["thread_ts"], sent["text"]) == ("C1", "1.0", "hello")
    assert sent["blocks"] == part("hello").content["blocks"]
    assert sent["metadata"] == {"event_type": "threadwork_card", "event_payload": {"mark": MARK}}
    assert not sent["unfurl_links"]
    assert not sent["unfurl_media"]
    assert slack.tokens == ["Bearer xoxb-secret"]


async def test_an_edit_keeps_the_mark(chat: SlackChat, slack: Scripted) -> None:
    await chat.edit(ROOM, "2.0", part("changed"), MARK)
    (sent,) = slack.of("chat.update")
    assert (sent["ts"], sent["text"], sent["metadata"]["event_payload"]) == ("2.0", "changed", {"mark": MARK})


@pytest.mark.parametrize("error", ["message_not_found", "cant_delete_message"])
async def test_deleting_what_is_gone_or_not_ours_is_no_error(chat: SlackChat, slack: Scripted, error: str) -> None:
    slack.answers["chat.delete"] = [answer(error=error)]
    await chat.delete(ROOM, "2.0")
    assert slack.of("chat.delete") == [{"channel": "C1", "ts": "2.0"}]
