"""`approvals.show: private`: the arguments of a call are told to those who may decide, and nowhere else."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bot.chat.test_receive import BOB, CAT, Talk
from tests.fake_run import AGENT, ANN, Front
from tests.security.test_typed_decisions import asks, decisions, shown, verbs, waits
from threadwork.activities.delivery.card_texts import resolved
from threadwork.adapters.discord.cards import card_renderers as discord_parts
from threadwork.adapters.discord.modals import confirmation
from threadwork.adapters.slack.cards import card_renderers as slack_parts
from threadwork.adapters.slack.modals import forms, home
from threadwork.adapters.terminal.plain_cards import plain
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.approval_events import HumanApprovalReceived
from threadwork.workflows.buttons import SEEN, Click, buttons
from threadwork.workflows.call_events import LlmCallCompleted
from threadwork.workflows.calls import Message
from threadwork.workflows.cards import ApprovalCard, Context
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Home
from threadwork.workflows.sinks import Part
from threadwork.workflows.values import Usage

SECRET = "hunter2"
ARGUMENTS = json.dumps({"password": SECRET})
ONLY_BOB = AGENT.model_copy(update={"approvals": ApprovalPolicy(approvers=("U2",), show="private")})


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    front = Front(None, ONLY_BOB)
    async with intake_running(front.intake_worker):
        yield Talk(front)


async def private(talk: Talk, content: str = ARGUMENTS, **fields: Any) -> str:
    """A call whose arguments, and the model's words on them, hold what nobody else may read."""
    known: dict[str, Any] = {"private": True, "always": True, "approvers": ("U2",), "arguments_preview": ARGUMENTS}
    asked = asks(**(known | {"why": f"It needs {SECRET}."} | fields))
    task_id = await waits(talk, asked)
    body = {"content": content}
    await talk.store.transcript.put(task_id, Message(ref=asked.arguments_ref, kind="text", body=body))
    return task_id


async def card_of(talk: Talk, task_id: str) -> ApprovalCard:
    [card] = [one for one in (await talk.listener.threads.view(task_id)).cards if isinstance(one, ApprovalCard)]
    return card


def read(parts: list[Part]) -> str:
    """All of messages: what is shown, what notifications say, and files."""
    return " ".join(f"{part.model_dump_json()} {part.file.text if part.file else ''}" for part in parts)


async def test_no_surface_that_others_read_has_the_arguments_not_once_they_were_edited_either(talk: Talk) -> None:
    task_id = await private(talk)
    waiting = await card_of(talk, task_id)
    edited = HumanApprovalReceived(
        approval_id="1", decision="approve", by=BOB, click_id="c", digest="d2", edited_ref="args:1"
    )
    await talk.happens(task_id, edited)
    decided = await card_of(talk, task_id)
    assert (waiting.state, decided.state, decided.edited) == ("pending", "approved", True)
    elsewhere = Context(task_id=task_id, goal="Tidy up", agent="default", by=ANN)
    for card in (waiting, decided, waiting.model_copy(update={"context": elsewhere})):
        whole = await resolved(talk.store.transcript, task_id, card)
        told = read(slack_parts.render(task_id, whole, "")) + read(discord_parts.render(task_id, whole, ""))
        assert SECRET not in told + plain(card, {}) + whole.model_dump_json()
        assert "notes" in told


async def test_the_arguments_open_for_who_may_decide_alone(talk: Talk) -> None:
    task_id = await private(talk)
    look = next(one.press for one in buttons(task_id, await card_of(talk, task_id)) if one.press.verb == "look")
    seen = await talk.listener.card(talk.source(BOB), look)
    assert isinstance(seen, ApprovalCard)
    assert SECRET in json.dumps(forms.form(look, "{}", seen))
    for verb in ("look", "edit", "deny_because", "approve_task", "always"):
        with pytest.raises(Rejected, match="those alone who may decide"):
            await talk.listener.card(talk.source(CAT), look.model_copy(update={"verb": verb}))


async def test_where_there_is_no_window_the_bot_tells_them_alone_and_decides_nothing(talk: Talk) -> None:
    task_id = await private(talk)
    told = await talk.press("look", task_id, "1", "d1~", by=BOB)
    assert (SECRET in told.text, verbs(told), decisions(talk)) == (True, [["approve", "deny"]], [])
    refused = await talk_refused(talk, task_id)
    assert SECRET not in refused
    await talk.press("look", task_id, "1", "d1~", given=SEEN, by=BOB)
    assert [(one.decision, one.scope, one.reason) for one in decisions(talk)] == [("approve", "once", "")]


async def talk_refused(talk: Talk, task_id: str) -> str:
    with pytest.raises(Rejected) as caught:
        await talk.press("look", task_id, "1", "d1~", by=CAT)
    return str(caught.value)


async def test_what_is_too_long_for_a_message_is_not_allowed_from_a_part(talk: Talk) -> None:
    task_id = await private(talk, content=json.dumps({"text": "x" * 5_000}))
    told = await talk.press("look", task_id, "1", "d1~", by=BOB)
    assert verbs(told) == [["deny"]]
    assert "only a part" in told.items[0].text


async def test_lists_second_questions_and_typed_words_show_nothing_of_them(talk: Talk) -> None:
    task_id = await private(talk, effect="destructive")
    listed = await talk.command("approvals", by=BOB)
    typed, _ = await talk.says("approve 1", by=BOB, thread=f"root-{task_id}")
    assert typed is not None
    for said in (listed, typed):
        assert SECRET not in said.model_dump_json()
        assert "approve" not in verbs(said)[0]
        assert "look" in verbs(said)[0]
    assert decisions(talk) == [], "words approve nothing whose arguments nobody has seen"
    await shown(talk, task_id, "approval:1")
    await talk.says("deny 1: no", by=BOB, thread=f"root-{task_id}")
    assert [one.decision for one in decisions(talk)] == ["deny"]


async def test_a_persons_own_page_and_what_is_asked_after_a_button(talk: Talk) -> None:
    task_id = await private(talk)
    page: Home = await talk.listener.home(BOB)
    drawn = json.dumps(home.home(page, lambda sink, message: ""))
    assert (SECRET in drawn, "Look and decide" in drawn, "Allow once" in drawn) == (False, True, False)
    click = Click(verb="approve_task", task_id=task_id, about="1", detail="d1~")
    assert SECRET not in json.dumps(confirmation.confirmation(click, await card_of(talk, task_id)))


@pytest.mark.parametrize("child", [None, "tchild"])
async def test_what_the_model_said_and_thought_on_the_way_to_the_call_is_told_nowhere(
    talk: Talk, child: str | None
) -> None:
    task_id, words = await talk.ordered(), f"It needs {SECRET}."
    said = LlmCallCompleted(
        call_id="1.1",
        model="m",
        usage=Usage(),
        text=f"{words}\nSo I ask.",
        thinking=f"Is it {SECRET}?",
        thinking_ref="t",
    )
    await talk.store.transcript.put(task_id, Message(ref="t", kind="text", body={"content": SECRET}))
    fields: dict[str, Any] = {"private": True, "approvers": ("U2",), "why": said.text, "child_task_id": child}
    await talk.happens(task_id, said, asks(**fields))
    status = (await talk.listener.threads.view(task_id)).status
    told = (await talk.listener.details(talk.source(ANN), task_id)).model_dump_json()
    own = child is None  # what a delegated task wrote stands in no log of this one
    assert (SECRET in told, words in status.log) == (not own, not own)
