"""Finding what was posted, by its mark."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from tests.adapters.slack.outbound_harness import MARK, ROOM, just_now, part
from tests.adapters.slack.scripted_web_api import LOST, Scripted, answer, fine
from tests.clock_ahead import ClockAhead
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.outbound.posted_messages import metadata
from threadwork.workflows.errors import ChatUnavailable

pytest_plugins = ["tests.fake_slack.fixture"]


@pytest.mark.parametrize("method", ["chat.update", "chat.delete", "conversations.history", "auth.test"])
async def test_no_call_is_made_twice_when_its_answer_is_lost(chat: SlackChat, slack: Scripted, method: str) -> None:
    slack.answers[method] = [LOST, LOST]
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "chat.update": lambda: chat.edit(ROOM, "1.0", part(), MARK),
        "chat.delete": lambda: chat.delete(ROOM, "1.0"),
        "conversations.history": lambda: chat.find(ROOM, just_now()),
        "auth.test": lambda: chat.find(ROOM, just_now()),
    }
    with pytest.raises(ChatUnavailable) as lost:
        await calls[method]()
    assert lost.value.retry_after is None
    assert slack.counts[method] == 1


async def test_what_people_and_other_apps_wrote_is_not_ours(chat: SlackChat, slack: Scripted) -> None:
    ours = {"event_type": "threadwork_card", "event_payload": {"mark": MARK}}
    slack.answers["conversations.history"] = [
        fine(
            messages=[
                {"ts": "5.0", "bot_id": "B1", "metadata": {**ours, "event_type": "their_card"}},
                {"ts": "4.0", "bot_id": "B9", "metadata": ours},
                {"ts": "3.0", "user": "U1"},
                {"ts": "2.0", "bot_id": "B1", "metadata": ours},
                {"ts": "1.0", "user": "UBOT", "metadata": ours},
            ]
        )
    ]
    assert [found.message_id for found in await chat.find(ROOM, just_now())] == ["1.0", "2.0"]


async def test_every_page_is_read_and_the_order_is_of_time(real: SlackChat, fake_slack: FakeSlack) -> None:
    posted = [await real.post(ROOM, part(str(number)), f"t/{number}/0") for number in range(5)]
    fake_slack.change(page=2)
    assert [found.message_id for found in await real.find(ROOM, just_now())] == posted
    assert len(fake_slack.calls("conversations.history")) == 3


async def test_a_look_up_that_slack_stopped_goes_on_where_it_was(
    clients: Clients, slack: Scripted, ahead: ClockAhead
) -> None:
    def page(ts: str, cursor: str = "") -> web.Response:
        message = {
            "ts": ts,
            "bot_id": "B1",
            "metadata": {"event_type": "threadwork_card", "event_payload": {"mark": ts}},
        }
        return fine(messages=[message], response_metadata={"next_cursor": cursor})

    too_fast = answer(429, {"Retry-After": "60"}, error="ratelimited")
    slack.answers["conversations.history"] = [page("3.0", "two"), too_fast, page("2.0")]
    chat, since = SlackChat(clients, look_ups=1), just_now()
    with pytest.raises(ChatUnavailable) as later:
        await chat.find(ROOM, since)
    assert later.value.retry_after == 60
    ahead.by = 60
    assert [found.mark for found in await chat.find(ROOM, since)] == ["2.0", "3.0"]
    read = slack.of("conversations.history")
    assert [call.get("cursor") for call in read] == [None, "two", "two"]
    assert {call["limit"] for call in read} == {"15"}


async def test_a_look_up_whose_place_slack_has_forgotten_begins_anew(clients: Clients, slack: Scripted) -> None:
    def page(ts: str, cursor: str = "") -> web.Response:
        message = {"ts": ts, "bot_id": "B1", "metadata": metadata(ts)}
        return fine(messages=[message], response_metadata={"next_cursor": cursor})

    pages = [page("3.0", "two"), answer(error="invalid_cursor"), page("3.0", "other"), page("2.0")]
    slack.answers["conversations.history"] = pages
    assert [found.mark for found in await SlackChat(clients).find(ROOM, just_now())] == ["2.0", "3.0"]
    assert [call.get("cursor") for call in slack.of("conversations.history")] == [None, "two", None, "other"]


async def test_a_card_whose_root_was_deleted_is_found_in_the_channel(real: SlackChat, fake_slack: FakeSlack) -> None:
    fake_slack.begin()
    root = await real.post(ROOM, part("root"), MARK)
    await real.delete(ROOM, root)
    under = ROOM.model_copy(update={"thread": root})
    posted = await real.post(under, part("orphan"), "t/answer:1/0")
    assert posted in [found.message_id for found in await real.find(under, just_now())]
