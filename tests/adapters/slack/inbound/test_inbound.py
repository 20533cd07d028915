"""What people do in Slack reaches the listener, in both transports, and what it says reaches them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from tests.adapters.slack.inbound_harness import URLS, Recorder, opened, until
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.processor_time import loop_seconds
from threadwork.adapters.slack.cards.blocks import actions
from threadwork.adapters.slack.connection import SlackConnection
from threadwork.adapters.slack.outbound.posted_messages import metadata
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.cards import QuestionCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Home, Item, Response, StartForm

pytest_plugins = ["tests.fake_slack.fixture"]
BUTTONS = {
    "Approve": Click(verb="approve", task_id="t1", about="1", detail="d1"),
    "Edit and approve": Click(verb="edit", task_id="t1", about="1", detail="d1"),
    "Deny with reason": Click(verb="deny_because", task_id="t1", about="1", detail="d1"),
    "Add an amount": Click(verb="add_amount", task_id="t1", about="usd"),
    "Details": Click(verb="details", task_id="t1"),
    "Gone": Click(verb="details", task_id="t9"),
}


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture(params=["socket", "http"])
async def door(
    request: pytest.FixtureRequest, fake_slack: FakeSlack, listener: Recorder
) -> AsyncIterator[SlackConnection]:
    async with opened(fake_slack, listener, request.param) as door:
        yield door
    assert fake_slack.violations() == []


async def seen(slack: FakeSlack, user: str, channel: str, text: str, thread: str = "") -> None:
    await until(lambda: text in slack.screen(user, channel, thread))


async def card(slack: FakeSlack, channel: str = "C1", thread: str = "") -> str:
    """A message of ours with buttons, as if a task had posted it; its ts."""
    buttons = [Button(label=label, press=press) for label, press in BUTTONS.items()]
    row = [*actions(buttons[:-1]), *actions(buttons[-1:], ":2")]
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        posted = await client.post(
            f"{slack.api_url}chat.postMessage",
            headers={"Authorization": f"Bearer {slack.bot_token}"},
            json={"channel": channel, "text": "card", "blocks": row, "metadata": metadata("t1:status:0")}
            | ({"thread_ts": thread} if thread else {}),
        )
    return str(posted.json()["ts"])


# --- commands ------------------------------------------------------------------------------------------


async def test_a_command_is_handed_on_in_plain_words_and_answered_to_its_person_alone(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.answer = Response(text="Started **it**.", items=(Item(text="one"),))

    delivery = await fake_slack.slash("U1", "C1", "/agent", "run --in &lt;here&gt; <#C3|ops> ask <@U2|bob> &amp; go")

    assert delivery.acked
    heard = listener.one("command")
    assert heard.given == ("run --in <here> #ops ask @bob & go",)
    assert heard.source.channels == (("ops", "C3"),)
    assert heard.source.by.key == "slack:T1:U1"
    assert heard.source.sink.key == "slack:T1:C1:"
    await seen(fake_slack, "U1", "C1", "Started")
    assert "Started" not in fake_slack.screen("U2", "C1")


async def test_the_bare_command_opens_the_form_to_start_a_task(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    await fake_slack.slash("U1", "C1", "/agent")
    await until(lambda: fake_slack.views("U1"))

    delivery = await fake_slack.submit_view("U1", {"goal": "Count", "budget": "2.50", "files": {"a.txt": "one\ntwo"}})

    assert delivery.acked
    assert fake_slack.views("U1") == []
    heard = listener.one("start")
    (form,) = heard.given
    assert isinstance(form, StartForm)
    assert (form.goal, form.agent, form.budget, form.files[0].text) == ("Count", "default", "2.50", "one\ntwo")
    assert heard.source.sink.key == "slack:T1:C1:"
    await seen(fake_slack, "U1", "C1", "Heard.")


async def test_a_listener_that_asks_for_the_form_gets_it_shown(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.answer = Response(text="What shall be done?", asks="start")

    await fake_slack.slash("U1", "C1", "/agent", "run")

    await until(lambda: fake_slack.views("U1"))


async def test_a_form_that_is_refused_stays_open_and_says_why(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    def refuse() -> None:
        raise Rejected("“much” is no amount in dollars.", "Write it like 2.50.")

    listener.before = refuse
    await fake_slack.slash("U1", "C1", "/agent")
    await until(lambda: fake_slack.views("U1"))

    await fake_slack.submit_view("U1", {"goal": "Count", "budget": "much"})

    (view,) = fake_slack.views("U1")
    assert view.errors == {"goal": "“much” is no amount in dollars. Write it like 2.50."}
    assert listener.of("start") == []


async def test_a_command_that_could_not_be_written_down_is_told_so(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    def away() -> None:
        raise OSError("the database is away")

    listener.before = away

    await fake_slack.slash("U1", "C1", "/agent", "run Count")

    assert "nothing was started" in fake_slack.screen("U1", "C1")
    assert "database" not in fake_slack.screen("U1", "C1")


async def test_the_command_may_have_been_installed_by_another_name(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    assert (await fake_slack.slash("U1", "C1", "/ask", "run Count")).acked
    assert listener.one("command").given == ("run Count",)


async def test_a_command_is_acknowledged_when_it_is_written_down_and_not_before(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.before = lambda: asyncio.sleep(0.5)
    listener.answers.clear()

    delivery = await fake_slack.slash("U1", "C1", "/agent", "run Count")

    assert delivery.acked
    assert delivery.ms >= 500
    assert "Heard." not in fake_slack.screen("U1", "C1")
    listener.answers.set()
    await seen(fake_slack, "U1", "C1", "Heard.")


async def test_what_goes_wrong_after_it_was_written_down_is_told_as_such(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.after_error = OSError("away")

    assert (await fake_slack.slash("U1", "C1", "/agent", "run Count")).acked

    await seen(fake_slack, "U1", "C1", "It was received")


# --- what is said --------------------------------------------------------------------------------------


async def test_a_mention_counts_once_though_slack_tells_of_it_twice(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await fake_slack.mention("U1", "C1", "ask <@U2> about <#C3|ops>", files={"notes.md": "# Notes"})

    heard = listener.one("said")
    (said,) = heard.given
    assert listener.told == 1
    assert (said.text, said.message_id, said.mentioned) == ("ask @Bob about #ops", ts, True)
    assert (said.files[0].name, said.files[0].text) == ("notes.md", "# Notes")
    assert heard.source.key == f"C1:{ts}"
    assert heard.source.by.name == "Ann"
    await seen(fake_slack, "U1", "C1", "Heard.")


async def test_a_direct_message_needs_no_mention(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    await fake_slack.say("U1", "D1", "Count the files")

    heard = listener.one("said")
    assert heard.given[0].mentioned
    assert heard.source.direct


async def test_talk_in_a_channel_that_does_not_call_the_bot_is_left_alone(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    await fake_slack.say("U1", "C1", "good morning")

    assert all(delivery.acked for delivery in fake_slack.deliveries())
    assert listener.told == 0


async def test_a_reply_comes_with_what_its_thread_is_and_what_was_said_in_it(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.ask_thread = True
    root = await card(fake_slack)
    await fake_slack.say("U2", "C1", "faster, <@U1>", thread_ts=root)

    ts = await fake_slack.say("U1", "C1", "and shorter", thread_ts=root)

    heard = listener.heard[f"C1:{ts}"]
    assert heard.source.sink.thread == root
    assert heard.mark == "t1:status:0"
    assert [(line.name, line.text) for line in heard.lines] == [("Bob", "faster, @Ann")]
    assert not heard.given[0].mentioned


async def test_slack_is_not_asked_for_the_mark_of_a_thread_that_somebody_else_began(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    root = await fake_slack.say("U2", "C1", "lunch?")
    listener.ask_thread = True

    await fake_slack.say("U1", "C1", "yes", thread_ts=root)

    assert listener.one("said").mark == ""
    asked = fake_slack.calls("conversations.replies")
    assert [call.arguments.get("include_all_metadata") for call in asked] == [None]


async def test_our_own_messages_are_not_taken_for_a_persons(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    root = await card(fake_slack, "D1")
    await card(fake_slack, "D1", root)

    await fake_slack.open_home("U1", "messages")

    assert listener.told == 0


async def test_an_edited_reply_and_one_taken_back_are_told(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    root = await card(fake_slack)
    ts = await fake_slack.say("U1", "C1", "one", thread_ts=root)

    await fake_slack.edit_message("U1", "C1", ts, "two &amp; three")
    await fake_slack.delete_message("U1", "C1", ts)

    edit, deletion = listener.of("amended")
    assert edit.given[:2] == (ts, "two & three")
    assert deletion.given[:2] == (ts, None)
    assert edit.given[2] < deletion.given[2]
    assert edit.source.by.user_id == "U1"


async def test_an_edit_outside_of_threads_is_told_where_the_message_was_written_down(fake_slack: FakeSlack) -> None:
    """The bot's first card may not hang below it yet. What Slack adds to a message, a link's preview say, is none."""
    ours: list[str] = []

    async def known(key: str) -> bool:
        return key in ours

    listener = Recorder()
    async with opened(fake_slack, listener, "http", known=known):
        ts, other = [await fake_slack.say("U1", "C1", text) for text in ("tidy up", "lunch?")]
        ours.append(f"C1:{ts}")
        await fake_slack.edit_message("U1", "C1", ts, "tidy")
        await fake_slack.edit_message("U1", "C1", other, "lunch at one?")
        await fake_slack.delete_message("U1", "C1", other)
        await fake_slack.delete_message("U1", "C1", ts)
        await until(lambda: len(listener.of("amended")) == 2)
    assert [one.given[:2] for one in listener.of("amended")] == [(ts, "tidy"), (ts, None)]


async def test_the_command_is_called_as_it_was_installed_and_answers_to_any_name(fake_slack: FakeSlack) -> None:
    listener = Recorder()
    listener.page = Home()
    async with opened(fake_slack, listener, "http", command="/ai"):
        await fake_slack.open_home("U1")
        page = await until(lambda: fake_slack.home("U1"))
        assert "/ai run" in page.readable
        await fake_slack.slash("U1", "C1", "/agent", "list")
        assert listener.one("command").given == ("list",)


async def test_an_event_that_could_not_be_written_down_comes_again(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    def away_at_first() -> None:
        if listener.told < 3:
            raise OSError("away")

    listener.before = away_at_first

    await fake_slack.say("U1", "D1", "Count")

    (delivery,) = fake_slack.deliveries()
    assert [attempt.acked for attempt in delivery.attempts] == [False, False, True]
    assert len(listener.of("said")) == 1


async def test_where_slack_tells_no_name_a_person_goes_by_the_id(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    fake_slack.faults(Fault(kind="server_error", methods=("users.info",)))

    await fake_slack.say("U1", "D1", "Count")

    assert listener.one("said").source.by.name == "U1"


async def test_names_are_asked_for_once(fake_slack: FakeSlack, listener: Recorder, door: SlackConnection) -> None:
    for text in ("one", "two", "three"):
        await fake_slack.say("U1", "D1", text)

    assert len(fake_slack.calls("users.info")) == 1


@pytest.mark.parametrize("name", ["octagonal_sign", "x"])
async def test_a_reaction_that_means_stop_is_told(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection, name: str
) -> None:
    root = await card(fake_slack)

    await fake_slack.react("U1", "C1", root, "eyes")
    await fake_slack.react("U1", "C1", root, name)

    heard = listener.one("stopped")
    assert heard.given == (root,)
    assert heard.source.by.key == "slack:T1:U1"


async def test_a_reaction_of_another_app_stops_nothing(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    root = await card(fake_slack)
    fake_slack.channel("C1", members=("U1", "UBOT1", "UBOT2"))

    await fake_slack.react("UBOT2", "C1", root, "x")
    await fake_slack.react("U1", "C1", root, "x")

    assert listener.one("stopped").source.by.key == "slack:T1:U1"


async def test_a_window_that_slack_does_not_take_is_explained_in_words_of_ours(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    root = await card(fake_slack)
    fake_slack.faults(Fault(kind="server_error", methods=("views.open",)))

    await fake_slack.click("U1", root, "Details")

    await seen(fake_slack, "U1", "C1", "The window could not be opened in time. Press the button again.")


async def test_slacks_own_stop_button_is_told(fake_slack: FakeSlack, listener: Recorder, door: SlackConnection) -> None:
    root = await card(fake_slack)
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        await client.post(
            f"{fake_slack.api_url}agents.sessions.setStatus",
            headers={"Authorization": f"Bearer {fake_slack.bot_token}"},
            json={"channel_id": "C1", "thread_ts": root, "status": "processing"},
        )

    await fake_slack.agent_session_stopped("U1", "C1", root)

    assert listener.one("stopped").given == (root,)


# --- buttons and windows -------------------------------------------------------------------------------


async def test_a_click_is_handed_on_and_answered(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.answer = Response(text="Bob was faster.", tone="warning")
    root = await card(fake_slack)
    ts = await card(fake_slack, thread=root)

    await fake_slack.click("U1", ts, "Approve")

    heard = listener.one("pressed")
    assert heard.given == (BUTTONS["Approve"], "")
    assert heard.source.sink.thread == root
    await seen(fake_slack, "U1", "C1", "⚠️ Bob was faster.", root)


async def test_a_click_that_could_not_be_written_down_is_answered_too(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    def away() -> None:
        raise OSError("away")

    listener.before = away
    ts = await card(fake_slack)

    assert (await fake_slack.click("U1", ts, "Approve")).acked

    await seen(fake_slack, "U1", "C1", "nothing was started or changed")


async def test_edited_arguments_are_handed_on_as_json(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await card(fake_slack)
    await fake_slack.click("U1", ts, "Edit and approve")
    await until(lambda: fake_slack.views("U1"))

    await fake_slack.submit_view("U1", {"name": "b.md"})

    press, given = listener.one("pressed").given
    assert press == BUTTONS["Edit and approve"]
    assert json.loads(given) == {"name": "b.md"}
    assert fake_slack.views("U1") == []
    await seen(fake_slack, "U1", "C1", "Heard.")


@pytest.mark.parametrize(("button", "typed"), [("Deny with reason", "Not today"), ("Add an amount", "2.50")])
async def test_what_a_form_held_is_handed_on(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection, button: str, typed: str
) -> None:
    ts = await card(fake_slack)
    await fake_slack.click("U1", ts, button)
    await until(lambda: fake_slack.views("U1"))

    await fake_slack.submit_view("U1", {"given": typed})

    assert listener.one("pressed").given == (BUTTONS[button], typed)


async def test_a_form_for_what_is_decided_is_not_opened_but_explained(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    listener.decided = None
    ts = await card(fake_slack)

    await fake_slack.click("U1", ts, "Edit and approve")

    await seen(fake_slack, "U1", "C1", "Nothing is left to decide")
    assert fake_slack.views("U1") == []


async def test_details_are_shown_in_a_window(fake_slack: FakeSlack, listener: Recorder, door: SlackConnection) -> None:
    ts = await card(fake_slack)

    await fake_slack.click("U1", ts, "Details")

    (view,) = await until(lambda: fake_slack.views("U1"))
    assert "Count the files" in view.readable


async def test_details_of_a_task_that_is_gone_are_answered(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await card(fake_slack)

    await fake_slack.click("U1", ts, "Gone")

    await seen(fake_slack, "U1", "C1", "There is no such task.")


async def test_the_shortcut_asks_about_a_message_in_its_thread(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await fake_slack.say("U2", "C1", "The build is red &amp; slow")

    await fake_slack.shortcut("U1", "C1", ts, "ask_agent")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1")

    heard = listener.one("start")
    head, text = heard.given[0].goal.strip().splitlines()
    assert head.startswith("> Bob, 20")  # and when
    assert text == "> The build is red & slow"
    assert heard.source.sink.thread == ts


# --- the app's own page --------------------------------------------------------------------------------


async def test_a_persons_own_page_shows_and_starts_tasks(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    await fake_slack.open_home("U1")
    page = await until(lambda: fake_slack.home("U1"))
    assert "Count the files" in page.readable

    await fake_slack.click_in_home("U1", "Start a task")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1", {"goal": "Count"})

    assert listener.one("start").source.sink.key == "slack:T1:D1:"
    await seen(fake_slack, "U1", "D1", "Heard.")


async def test_a_click_on_the_own_page_is_answered_in_a_window_and_the_page_renewed(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    button = Button(label="Stop", press=Click(verb="stop", task_id="t1"))
    listener.page = listener.page.model_copy(update={"running": (Item(text="Count the files", buttons=(button,)),)})
    listener.answer = Response(text="Stopped.")
    await fake_slack.open_home("U1")
    await until(lambda: fake_slack.home("U1"))

    await fake_slack.click_in_home("U1", "Stop")

    (view,) = await until(lambda: fake_slack.views("U1"))
    assert "Stopped." in view.readable
    await until(lambda: len(fake_slack.calls("views.publish")) == 2)


async def test_the_bare_command_shows_what_is_the_persons_own_where_the_app_has_no_home(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    fake_slack.change(home_tab=False)
    stop = Button(label="Stop", press=Click(verb="stop", task_id="t1"), confirm="Sure?")
    listener.page = Home(
        running=(Item(text="Count the files", buttons=(stop,)),), agents=(("default", ""), ("writer", "Writes"))
    )
    await fake_slack.slash("U1", "C1", "/agent")
    await seen(fake_slack, "U1", "C1", "Count the files\n[Stop]")
    assert fake_slack.views("U1") == []

    listener.answer, listener.page = Response(text="Stopped."), Home(agents=listener.page.agents)
    (shown,) = [message for message in fake_slack.messages("C1") if message.visible_to == "U1"]
    await fake_slack.click("U1", shown.ts, "Stop")
    await seen(fake_slack, "U1", "C1", "Stopped.")
    (redrawn,) = [message for message in fake_slack.messages("C1") if message.visible_to == "U1"]
    assert "No task of yours is running." in redrawn.readable

    await fake_slack.click("U1", redrawn.ts, "Ask writer")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1", {"goal": "Count"})
    assert listener.one("start").given[0].agent == "writer"
    assert listener.one("start").source.sink.key == "slack:T1:C1:"
    await fake_slack.slash("U1", "C1", "/agent")
    await until(lambda: len([one for one in fake_slack.messages("C1") if one.visible_to == "U1"]) > 2)
    assert len(fake_slack.calls("views.publish")) == 1, "whether there is a Home is asked once"


async def test_a_form_from_the_own_page_renews_it(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    answer = Button(label="Answer …", press=Click(verb="answer", task_id="t1", about="1"))
    listener.page = Home(questions=(Item(text="Count asks: Which?", buttons=(answer,)),))
    listener.decided = QuestionCard(key="question:1", question_id="1", question="Which?")
    await fake_slack.open_home("U1")
    await until(lambda: fake_slack.home("U1"))
    await fake_slack.click_in_home("U1", "Answer …")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1", {"given": "Blue"})
    assert listener.one("pressed").given[1] == "Blue"
    await until(lambda: len(fake_slack.calls("views.publish")) == 2)


# --- delivery ------------------------------------------------------------------------------------------


async def test_everything_delivered_twice_counts_once(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    fake_slack.change(twice=True)
    ts = await card(fake_slack)

    await fake_slack.slash("U1", "C1", "/agent", "run Count")
    await fake_slack.mention("U1", "C1", "Count")
    await fake_slack.click("U1", ts, "Approve")
    await fake_slack.click("U1", ts, "Add an amount")
    await until(lambda: fake_slack.views("U1"))
    await fake_slack.submit_view("U1", {"given": "2"})
    await fake_slack.react("U1", "C1", ts, "x")

    assert sorted(heard.what for heard in listener.heard.values()) == [
        "command", "pressed", "pressed", "said", "stopped",
    ]  # fmt: skip
    assert listener.told == 10
    await until(lambda: fake_slack.screen("U1", "C1").count("Heard.") == 5)
    assert len(fake_slack.views("U1")) == 0


async def test_somebody_of_another_workspace_is_the_same_person_whatever_they_do(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await card(fake_slack)

    await fake_slack.mention("U21", "C1", "Count")
    await fake_slack.click("U21", ts, "Approve")
    await fake_slack.react("U21", "C1", ts, "x")

    assert [heard.source.by.key for heard in listener.heard.values()] == ["slack:T1:U21"] * 3
    assert {heard.source.sink.workspace for heard in listener.heard.values()} == {"T1"}


async def test_what_is_not_for_us_is_acknowledged(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    ts = await fake_slack.say("U1", "C1", "hello")
    await fake_slack.react("U1", "C1", ts, "x", remove=True)
    await fake_slack.shortcut("U1", "C1", ts, "somebody_elses")

    assert all(delivery.acked and len(delivery.attempts) == 1 for delivery in fake_slack.deliveries())
    assert listener.told == 0


async def test_fifty_commands_a_second_are_each_heard_and_acknowledged_at_once(
    fake_slack: FakeSlack, listener: Recorder, door: SlackConnection
) -> None:
    async def one(at: int) -> bool:
        await asyncio.sleep(at / 50)
        delivery = await fake_slack.slash("U1", "C1", "/agent", f"run {at}")
        return delivery.acked and len(delivery.attempts) == 1

    fake_slack.change(ack_seconds=60)  # the machine may be busy: what one costs is bounded instead
    before, began = loop_seconds(), time.thread_time()
    assert all(await asyncio.gather(*(one(at) for at in range(100))))
    took = time.thread_time() - began
    assert len(listener.heard) == 100
    assert took < 200 * max(before, loop_seconds()), "the hundred, in a machine's two seconds; both sides counted"


async def test_a_removed_app_is_reported(fake_slack: FakeSlack, listener: Recorder) -> None:
    gone: list[str] = []

    async def withdrawn(team_id: str) -> None:
        gone.append(team_id)

    async with opened(fake_slack, listener, "socket", withdrawn=withdrawn):
        await fake_slack.uninstall()
        assert gone == ["T1", "T1"]


# --- the transports ------------------------------------------------------------------------------------


async def test_a_socket_that_is_cut_comes_back_and_nothing_is_lost(fake_slack: FakeSlack, listener: Recorder) -> None:
    fake_slack.begin(cut_every=2.0)
    async with opened(fake_slack, listener, "socket"):
        began = time.monotonic()
        sent = 0
        while time.monotonic() - began < 7:
            await fake_slack.say("U1", "D1", f"message {sent}")
            sent += 1
    assert len(listener.heard) == sent
    assert all(delivery.acked for delivery in fake_slack.deliveries())


@pytest.mark.parametrize("kind", ["server_error", "rate_limited", "cut"])
async def test_a_socket_opens_though_slack_refuses_at_first(
    fake_slack: FakeSlack, listener: Recorder, kind: str
) -> None:
    fake_slack.faults(Fault(kind=kind, methods=("apps.connections.open",), next_calls=2))
    async with opened(fake_slack, listener, "socket") as door:
        fake_slack.cut_sockets(politely=True)
        await fake_slack.say("U1", "D1", "still there?")
        assert door.healthy
    assert len(listener.heard) == 1


async def test_the_door_is_not_healthy_while_its_socket_is_closed(fake_slack: FakeSlack, listener: Recorder) -> None:
    async with opened(fake_slack, listener, "socket") as door:
        fake_slack.faults(Fault(kind="server_error", methods=("apps.connections.open",)))
        fake_slack.cut_sockets()
        await until(lambda: not door.healthy)
        fake_slack.faults()
        await until(lambda: door.healthy)


async def test_what_was_begun_may_end_when_the_door_closes(fake_slack: FakeSlack, listener: Recorder) -> None:
    listener.answers.clear()
    async with opened(fake_slack, listener, "socket"):
        await fake_slack.slash("U1", "C1", "/agent", "run Count")
        asyncio.get_running_loop().call_later(1, listener.answers.set)  # while the door closes
    assert "Heard." in fake_slack.screen("U1", "C1")


@pytest.mark.parametrize("spoilt", ["signature", "age", "both missing"])
async def test_a_forged_or_old_request_is_answered_401_and_has_no_effect(
    fake_slack: FakeSlack, listener: Recorder, spoilt: str
) -> None:
    body = "command=%2Fagent&text=run+x&user_id=U1&user_name=ann&channel_id=C1&team_id=T1&trigger_id=1"
    stamp = str(int(time.time()) - (301 if spoilt == "age" else 0))
    secret = "another" if spoilt == "signature" else fake_slack.signing_secret
    signed = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    headers = {"X-Slack-Signature": signed or "", "X-Slack-Request-Timestamp": stamp}
    async with opened(fake_slack, listener, "http"):
        (url,) = URLS
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.post(
                url,
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"}
                | ({} if spoilt == "both missing" else headers),
            )
    assert answer.status_code == 401
    assert listener.told == 0


async def test_without_a_signing_secret_no_request_is_taken(fake_slack: FakeSlack, listener: Recorder) -> None:
    door = SlackConnection(listener, listener, api_url=fake_slack.api_url, bot_token=fake_slack.bot_token)
    answer = await door.handle(None)  # type: ignore[arg-type]
    assert answer.status_code == 404
