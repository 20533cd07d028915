"""The state of a task on its root message: behind the cards, and never in their way."""

import asyncio
import time

import pytest

from tests.adapters.slack.outbound_harness import (
    MARK,
    PACE,
    ROOM,
    THREAD,
    at_rest,
    eventually,
    just_now,
    part,
    reactions,
    status,
)
from tests.adapters.slack.scripted_web_api import Scripted, answer, fine
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from threadwork.adapters.slack.api import best_effort_calls
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.outbound.presence import Presence
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.values import Status

pytest_plugins = ["tests.fake_slack.fixture"]


async def test_the_reaction_on_the_root_follows_the_state(real: SlackChat, fake_slack: FakeSlack) -> None:
    root = await real.post(ROOM, status(Status.QUEUED), MARK)
    shown = {
        Status.RUNNING: "hourglass_flowing_sand",
        Status.WAITING_APPROVAL: "raised_hand",
        Status.PAUSED: "double_vertical_bar",
        Status.COMPLETED: "white_check_mark",
    }
    for state, emoji in shown.items():
        await real.edit(ROOM, root, status(state), MARK)
        await eventually(lambda emoji=emoji: list(fake_slack.messages("C1")[0].reactions) == [emoji])  # type: ignore[misc]
    assert len(fake_slack.calls("reactions.add")) == 4
    assert len(fake_slack.calls("reactions.remove")) == 3
    assert fake_slack.violations() == []


async def test_an_unchanged_state_costs_no_call(chat: SlackChat, slack: Scripted) -> None:
    await chat.post(ROOM, status(Status.RUNNING), MARK)
    for state in (Status.RUNNING, Status.WAITING_APPROVAL, Status.WAITING_ANSWER, Status.WAITING_BUDGET):
        await chat.edit(ROOM, "1700000000.000001", status(state), MARK)
        await at_rest(chat)
    assert reactions(slack) == ["+hourglass_flowing_sand", "+raised_hand", "-hourglass_flowing_sand"]


async def test_cards_without_a_state_have_no_reaction(chat: SlackChat, slack: Scripted) -> None:
    await chat.post(THREAD, part(), "t/answer:1/0")
    await at_rest(chat)
    assert slack.counts == {"chat.postMessage": 1}


async def test_the_reaction_is_on_the_message_that_the_thread_hangs_on(chat: SlackChat, slack: Scripted) -> None:
    await chat.post(THREAD, status(Status.RUNNING), MARK)
    await eventually(lambda: bool(reactions(slack)))
    assert slack.of("reactions.add")[0]["timestamp"] == "1.0"


async def test_what_happens_within_a_pace_is_left_out_and_the_end_is_not_waited_for(
    clients: Clients, slack: Scripted
) -> None:
    chat = SlackChat(clients, presence=Presence(clients, pace=30))
    root = await chat.post(ROOM, status(Status.RUNNING), MARK)
    await eventually(lambda: len(reactions(slack)) == 1)
    for _ in range(20):
        for state in (Status.PAUSED, Status.RUNNING, Status.WAITING_APPROVAL):
            await chat.edit(ROOM, root, status(state), MARK)
    assert len(reactions(slack)) == 1
    await chat.edit(ROOM, root, status(Status.FAILED), MARK)
    await eventually(lambda: len(reactions(slack)) == 3)
    await chat.close()
    assert reactions(slack) == ["+hourglass_flowing_sand", "+warning", "-hourglass_flowing_sand"]


async def test_after_a_restart_the_old_reaction_goes_too(real: SlackChat, fake_slack: FakeSlack) -> None:
    root = await real.post(ROOM, status(Status.WAITING_APPROVAL), MARK)
    await eventually(lambda: bool(fake_slack.messages("C1")[0].reactions))
    clients = Clients(one_token("xoxb-test"), fake_slack.api_url)
    restarted = SlackChat(clients, presence=Presence(clients, pace=PACE))
    await restarted.edit(ROOM, root, status(Status.CANCELLED), MARK)
    await eventually(lambda: list(fake_slack.messages("C1")[0].reactions) == ["black_square_for_stop"])
    await restarted.close()
    await clients.close()
    assert len(fake_slack.calls("reactions.remove")) == 2, "hourglass first, then the raised hand"


async def test_a_look_up_spares_the_guesses(real: SlackChat, fake_slack: FakeSlack) -> None:
    fake_slack.faults(Fault(kind="lose_answer", methods=("chat.postMessage",), next_calls=1))
    with pytest.raises(ChatUnavailable):
        await real.post(ROOM, status(Status.QUEUED), MARK)
    (found,) = await real.find(ROOM, just_now())
    for state in (Status.QUEUED, Status.RUNNING):
        await real.edit(ROOM, found.message_id, status(state), MARK)
    await eventually(lambda: bool(fake_slack.messages("C1")[0].reactions))
    await at_rest(real)
    assert [call.method for call in fake_slack.calls() if call.method.startswith("reactions")] == ["reactions.add"]


async def test_a_look_up_after_a_restart_knows_what_to_remove(clients: Clients, slack: Scripted) -> None:
    card = {"event_type": "threadwork_card", "event_payload": {"mark": MARK}}
    theirs, ours = {"name": "white_check_mark", "users": ["U1"]}, {"name": "double_vertical_bar", "users": ["UBOT"]}
    message = {"ts": "1.0", "bot_id": "B1", "metadata": card, "reactions": [theirs, ours]}
    slack.answers["conversations.history"] = [fine(messages=[message])]
    chat = SlackChat(clients, presence=Presence(clients, pace=PACE))
    await chat.find(ROOM, just_now())
    await chat.edit(ROOM, "1.0", status(Status.RUNNING), MARK)
    await eventually(lambda: len(reactions(slack)) == 2)
    await chat.close()
    assert reactions(slack) == ["+hourglass_flowing_sand", "-double_vertical_bar"]


async def test_after_a_restart_an_unchanged_state_is_left_as_it_is(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["reactions.add"] = [answer(error="already_reacted")]
    slack.answers["reactions.remove"] = [answer(error="no_reaction")]
    for _ in range(2):
        await chat.edit(ROOM, "1.0", status(Status.COMPLETED), MARK)
        await at_rest(chat)
    assert reactions(slack) == ["+white_check_mark", "-hourglass_flowing_sand"]


async def test_a_429_on_a_reaction_is_obeyed_by_silence(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["reactions.add"] = [answer(429, {"Retry-After": "1"}, error="ratelimited")]
    began = time.monotonic()
    root = await chat.post(ROOM, status(Status.RUNNING), MARK)
    await chat.edit(ROOM, root, status(Status.RUNNING), MARK)
    await eventually(lambda: len(reactions(slack)) == 2)
    assert time.monotonic() - began >= 1
    assert reactions(slack) == ["+hourglass_flowing_sand"] * 2


async def test_a_workspace_that_forbids_reactions_is_asked_once(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["reactions.add"] = [answer(error="missing_scope", needed="reactions:write")]
    for _ in range(3):
        await chat.post(ROOM, status(Status.RUNNING), MARK)
        await at_rest(chat)
    assert slack.counts == {"chat.postMessage": 3, "reactions.add": 1}


async def test_a_reaction_that_hangs_neither_delays_nor_fails_the_card(
    real: SlackChat, fake_slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best_effort_calls, "BEST_EFFORT_TIMEOUT", 60)
    fake_slack.faults(Fault(kind="stall", seconds=60, methods=("reactions.add",)))
    async with asyncio.timeout(30):
        root = await real.post(ROOM, status(Status.RUNNING), MARK)
        await real.edit(ROOM, root, status(Status.PAUSED), MARK)
    assert fake_slack.messages("C1")[0].text == "paused"


async def test_an_agent_shows_its_session_instead_of_the_hourglass(clients: Clients, slack: Scripted) -> None:
    chat = SlackChat(clients, presence=Presence(clients, agent=True, pace=PACE))
    root = await chat.post(ROOM, part("Working", state=Status.RUNNING, title="Tidy up"), MARK)
    for state in (Status.WAITING_APPROVAL, Status.COMPLETED):
        await at_rest(chat)
        await chat.edit(ROOM, root, status(state), MARK)
    await eventually(lambda: "-raised_hand" in reactions(slack))
    await chat.close()
    sessions = slack.of("agents.sessions.setStatus")
    assert [session["status"] for session in sessions] == ["processing", "suspended", "active"]
    assert [session.get("title") for session in sessions] == ["Tidy up", None, None]
    assert {(session["channel_id"], session["thread_ts"]) for session in sessions} == {("C1", root)}
    assert reactions(slack) == ["+raised_hand", "+white_check_mark", "-raised_hand"]


async def test_a_workspace_without_agent_sessions_falls_back_to_the_hourglass(
    clients: Clients, slack: Scripted
) -> None:
    slack.answers["agents.sessions.setStatus"] = [answer(error="feature_disabled")]
    chat = SlackChat(clients, presence=Presence(clients, agent=True, pace=PACE))
    root = await chat.post(ROOM, status(Status.RUNNING), MARK)
    await eventually(lambda: reactions(slack) == ["+hourglass_flowing_sand"])
    await chat.edit(ROOM, root, status(Status.COMPLETED), MARK)
    await eventually(lambda: len(reactions(slack)) == 3)
    await chat.close()
    assert slack.counts["agents.sessions.setStatus"] == 1


async def test_a_burst_with_its_reactions_stays_within_twelve_calls(clients: Clients, slack: Scripted) -> None:
    """All within one pace: the card is edited five times, and its state changes every time."""
    chat = SlackChat(clients, presence=Presence(clients, pace=30))
    root = await chat.post(ROOM, status(Status.QUEUED), MARK)
    for state in (Status.RUNNING, Status.WAITING_APPROVAL, Status.RUNNING, Status.PAUSED, Status.RUNNING):
        await chat.edit(ROOM, root, status(state), MARK)
    await chat.edit(ROOM, root, status(Status.COMPLETED), MARK)
    await chat.post(THREAD, part("the answer"), "t/answer:1/0")
    await eventually(lambda: "-hourglass_flowing_sand" in reactions(slack))
    await chat.close()
    assert reactions(slack) == ["+hourglass_flowing_sand", "+white_check_mark", "-hourglass_flowing_sand"]
    assert len(slack.calls) <= 12
