"""Menus: an option that is chosen is a click like any other."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.adapters.slack.inbound_harness import Recorder, opened, until
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.cards.blocks import actions
from threadwork.adapters.slack.connection import SlackConnection
from threadwork.adapters.slack.outbound.posted_messages import metadata
from threadwork.workflows.buttons import Click, behind_menu

pytest_plugins = ["tests.fake_slack.fixture"]
APPROVE = Click(verb="approve", task_id="t1", about="1", detail="d1~17.2")
MENU = actions(behind_menu(APPROVE))


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
async def door(fake_slack: FakeSlack, listener: Recorder) -> AsyncIterator[SlackConnection]:
    async with opened(fake_slack, listener, "http") as door:
        yield door
    assert fake_slack.violations() == []


async def posted(slack: FakeSlack, blocks: list[dict[str, Any]]) -> str:
    """As if a task had; its ts."""
    sent = {"channel": "C1", "text": "card", "blocks": blocks, "metadata": metadata("t1:approval:0")}
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        made = await client.post(
            f"{slack.api_url}chat.postMessage", headers={"Authorization": f"Bearer {slack.bot_token}"}, json=sent
        )
    return str(made.json()["ts"])


async def test_a_form_opens_from_a_menu_and_is_handed_on_with_the_press_of_its_option(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await posted(fake_slack, MENU)
    await fake_slack.click("U1", ts, "Deny with a reason")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1", {"given": "Not today"})
    assert listener.one("pressed").given == (APPROVE.model_copy(update={"verb": "deny_because"}), "Not today")


async def test_what_asks_first_is_asked_in_a_window_that_names_tool_and_arguments_and_counts_once(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await posted(fake_slack, MENU)
    fake_slack.change(twice=True)
    await fake_slack.click("U1", ts, "Allow for this task")
    (view,) = await until(lambda: fake_slack.views("U1"))
    assert all(words in view.readable for words in ("notes.delete_note", "name: a.md", "without asking again"))
    assert listener.of("pressed") == []
    await fake_slack.submit_view("U1")
    assert listener.one("pressed").given == (APPROVE.model_copy(update={"verb": "approve_task"}), "")


async def test_an_option_of_a_select_is_a_click_too(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    option = {"text": {"type": "plain_text", "text": "Allow once"}, "value": APPROVE.encode()}
    select: dict[str, Any] = {"type": "static_select", "action_id": "press:menu", "options": [option]}
    ts = await posted(fake_slack, [{"type": "actions", "elements": [select]}])
    await fake_slack.click("U1", ts, "press:menu", choice="Allow once")
    assert listener.one("pressed").given == (APPROVE, "")


async def test_a_thumb_down_counts_at_once_and_its_window_asks_why(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    bad = Click(verb="bad", task_id="t1", about="1")
    select: dict[str, Any] = {"type": "button", "action_id": "press:bad", "value": bad.encode()}
    button = {**select, "text": {"type": "plain_text", "text": "Bad"}}
    ts = await posted(fake_slack, [{"type": "actions", "elements": [button]}])
    await fake_slack.click("U1", ts, "Bad")
    await until(lambda: fake_slack.views("U1"))
    assert listener.one("pressed").given == (bad, "")
    await fake_slack.submit_view("U1", {"given": "Too short"})
    assert [heard.given for heard in listener.of("pressed")] == [(bad, ""), (bad, "Too short")]
