"""What people do in Discord reaches the listener, and what it says reaches them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.inbound_harness import Recorder, listening, posted, until
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault
from threadwork.adapters.discord.cards.components import rows
from threadwork.adapters.discord.cards.embeds import embed
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.discord.inbound.messages import edited
from threadwork.adapters.discord.inbound.payload import Payload
from threadwork.adapters.discord.outbound.posted_messages import marked
from threadwork.workflows.buttons import Button, Click, behind_menu
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Home, Item, Response, StartForm

pytest_plugins = ["tests.fake_discord.fixture"]
ANN, BOB = "201", "202"
BUTTONS = (
    Button(label="Approve", press=Click(verb="approve", task_id="t1", about="1", detail="d1"), confirm="Sure?"),
    Button(label="Deny", press=Click(verb="deny", task_id="t1", about="1", detail="d1")),
    Button(label="Deny with reason", press=Click(verb="deny_because", task_id="t1", about="1", detail="d1")),
    Button(label="Edit and approve", press=Click(verb="edit", task_id="t1", about="1", detail="d1")),
    Button(label="Add an amount", press=Click(verb="add_amount", task_id="t1", about="usd")),
    Button(label="Details", press=Click(verb="details", task_id="t1")),
    Button(label="Gone", press=Click(verb="details", task_id="t9")),
    Button(label="Stop", press=Click(verb="stop", task_id="t1"), confirm="Sure?"),
)


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
async def door(fake_discord: FakeDiscord, listener: Recorder) -> AsyncIterator[DiscordConnection]:
    async def known(key: str) -> bool:
        return key in listener.heard

    async with listening(fake_discord, listener, known=known) as door:
        yield door
    assert fake_discord.violations() == []


async def seen(discord: FakeDiscord, text: str, user: str = ANN, channel: str = "101") -> None:
    try:
        await until(lambda: text in discord.screen(user, channel))
    except TimeoutError:
        raise AssertionError(f"{text!r} is not on the screen:\n{discord.screen(user, channel)}") from None


async def card(discord: FakeDiscord, channel: str = "101") -> str:
    made = {"content": "", "embeds": [embed(["A card"])], "components": rows(BUTTONS)}
    return await posted(discord, marked(made, "t1/status/0"), channel)


# --- commands --------------------------------------------------------------------------------------------


async def test_a_command_is_handed_on_in_words_and_answered_to_its_person_alone(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.answer = Response(text="Held **it**. @everyone", items=(Item(text="one"),))
    delivery = await fake_discord.slash(ANN, "101", "agent deny", {"task": "t23", "number": "2", "reason": "lunch"})
    assert delivery.acked
    heard = listener.one("command")
    assert heard.given == ("deny t23 2 : lunch",)
    assert heard.source.by.key == "discord:500:201"
    assert heard.source.by.name == "Ann"
    assert heard.source.sink.key == "discord:500:101:"
    await seen(fake_discord, "Held **it**. @\u2060everyone")
    assert "Held" not in fake_discord.screen(BOB, "101")
    (answer,) = fake_discord.answers(delivery)
    assert not answer.pings


@pytest.mark.parametrize("word", ["list", "status", "approvals", "cost", "agents", "help"])
async def test_every_bare_command_is_its_word(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection, word: str
) -> None:
    await fake_discord.slash(ANN, "101", f"agent {word}")
    assert listener.one("command").given == (word,)


async def test_run_starts_with_all_its_options_and_its_file(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    given = {"goal": "--agent x tidy", "agent": "writer", "model": "a/b", "budget": 2.5, "file": {"a.txt": "hello"}}
    await fake_discord.slash(ANN, "101", "agent run", given)
    (form,) = listener.one("start").given
    assert (form.goal, form.agent, form.model, form.budget) == ("--agent x tidy", "writer", "a/b", "2.5")
    assert [(file.name, file.text) for file in form.files] == [("a.txt", "hello")]


async def test_run_without_a_goal_opens_a_form_whose_content_starts_a_task(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    await fake_discord.slash(ANN, "101", "agent run", {"agent": "writer"})
    (window,) = fake_discord.modals(ANN)
    assert "What should the agent do?" in window.readable
    goal = "A long goal. " * 200
    delivery = await fake_discord.submit_modal(ANN, {"goal": goal, "budget": "2.50"})
    assert delivery.acked
    assert listener.one("start").given == (StartForm(goal=goal, agent="writer", budget="2.50"),)
    await seen(fake_discord, "Heard.")


async def test_a_form_that_is_refused_says_why_and_gives_back_what_was_typed(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    async def refuse() -> None:
        raise Rejected("The budget is no amount.", "Write it like 2.50.")

    listener.before = refuse
    await fake_discord.slash(ANN, "101", "agent run")
    await fake_discord.submit_modal(ANN, {"goal": "Tidy up the whole archive", "budget": "much"})
    await seen(fake_discord, "The budget is no amount.")
    await seen(fake_discord, "Tidy up the whole archive")


async def test_a_message_can_be_asked_about_and_the_thread_hangs_on_it(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    about = await fake_discord.say(BOB, "101", "The build is red")
    await fake_discord.context_menu(ANN, about)
    (window,) = fake_discord.modals(ANN)
    assert "> The build is red" in window.readable
    await fake_discord.submit_modal(ANN, {"goal": "Find out why"})
    heard = listener.one("start")
    assert heard.given[0].goal == "Find out why"
    assert heard.source.sink.thread == about


async def test_agents_and_models_and_tasks_are_suggested_as_somebody_types(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    running = Item(text="**Count** · running · `t23`", buttons=(BUTTONS[7].model_copy(update={"confirm": ""}),))
    listener.page = listener.page.model_copy(update={"running": (running,)})
    assert await fake_discord.autocomplete(ANN, "101", "agent run", "agent", "wri") == [
        {"name": "writer: Writes", "value": "writer"}
    ]
    (task,) = await fake_discord.autocomplete(ANN, "101", "agent stop", "task", "count")
    assert task == {"name": "Count · running · t23", "value": "t1"}
    assert await fake_discord.autocomplete(ANN, "101", "agent run", "agent", "zzz") == []


async def test_suggestions_that_fail_are_none(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    async def away(by: object) -> None:
        raise OSError("away")

    listener.open_tasks = away  # type: ignore[assignment,method-assign]
    assert await fake_discord.autocomplete(ANN, "101", "agent stop", "task", "") == []


async def test_clicks_on_what_is_the_persons_own_draw_it_anew_in_its_place(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    page = Home(running=(Item(text="**Count**", buttons=(BUTTONS[7],)),), agents=(("default", ""), ("writer", "")))
    listener.page = page
    listener.answer = Response(text="", home=page)
    (shown,) = fake_discord.answers(await fake_discord.slash(ANN, "101", "agent home"))
    assert listener.one("command").given == ("home",)
    await seen(fake_discord, "1. **Count**")

    listener.answer = Response(text="Stopped.")
    await fake_discord.click(ANN, shown.id, "1. Stop")
    await seen(fake_discord, "Stop the task?")
    await fake_discord.click(ANN, shown.id, "Cancel")
    await seen(fake_discord, "1. **Count**")
    assert listener.of("pressed") == []
    await fake_discord.click(ANN, shown.id, "1. Stop")
    await seen(fake_discord, "Stop the task?")
    listener.page = Home(agents=page.agents)
    await fake_discord.click(ANN, shown.id, "Yes, stop")
    await seen(fake_discord, "Stopped.")
    await seen(fake_discord, "No task of yours is running.")

    await fake_discord.click(ANN, shown.id, "Ask writer")
    listener.answer = Response(text="Started.")
    await fake_discord.submit_modal(ANN, {"goal": "Count"})
    assert listener.one("start").given[0].agent == "writer"
    await seen(fake_discord, "Started.")
    mine = [one for one in fake_discord.messages("101") if one.visible_to == ANN]
    assert [one.id for one in mine] == [shown.id], "one message, drawn anew"


async def test_a_long_answer_is_a_file_beside_the_details(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.came_to = "# Found\n" + "A line of it.\n" * 300
    delivery = await fake_discord.click(ANN, await card(fake_discord), "Details")
    await seen(fake_discord, "The whole answer is in the file.")
    (told,) = fake_discord.answers(delivery)
    assert [(file.name, file.text) for file in told.files] == [("answer.md", listener.came_to)]


async def test_a_command_is_deferred_before_it_is_done_but_not_before_it_is_written(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.before = lambda: asyncio.sleep(0.4)
    listener.answers.clear()
    began = time.monotonic()
    delivery = await fake_discord.slash(ANN, "101", "agent list")
    assert time.monotonic() - began >= 0.4
    assert delivery.acked
    assert "Heard." not in fake_discord.screen(ANN, "101")
    listener.answers.set()
    await seen(fake_discord, "Heard.")


async def test_a_command_is_deferred_in_time_even_while_nothing_can_be_written(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.before = lambda: asyncio.sleep(4)
    delivery = await fake_discord.slash(ANN, "101", "agent list")
    assert delivery.acked
    assert not delivery.late
    await seen(fake_discord, "Heard.")


async def test_while_the_database_is_away_the_person_is_told_that_nothing_happened(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    async def away() -> None:
        raise OSError("secret://user:password@database")

    listener.before = away
    assert (await fake_discord.slash(ANN, "101", "agent stop")).acked
    await seen(fake_discord, "could not write this down")
    assert "password" not in fake_discord.screen(ANN, "101")


async def test_what_fails_after_it_was_written_is_not_called_undone(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.after_error = OSError("away")
    await fake_discord.slash(ANN, "101", "agent stop")
    await seen(fake_discord, "It was received")


async def test_an_interaction_that_is_delivered_twice_counts_once(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    fake_discord.change(twice=True)
    delivery = await fake_discord.slash(ANN, "101", "agent stop")
    await seen(fake_discord, "Heard.")
    await until(lambda: listener.told == 2)
    assert len(listener.heard) == 1
    assert len(fake_discord.answers(delivery)) == 1


async def test_an_acknowledgement_whose_answer_is_lost_is_no_failure(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    fake_discord.faults(Fault(kind="lose_answer", methods=("create_interaction_response",)))
    assert (await fake_discord.slash(ANN, "101", "agent stop")).acked
    await seen(fake_discord, "Heard.")


async def test_fifty_commands_at_once_are_acknowledged_quickly(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    done = await asyncio.gather(*(fake_discord.slash(ANN, "101", "agent list") for _ in range(50)))
    assert all(delivery.acked for delivery in done)
    assert len(listener.of("command")) == 50


# --- buttons ---------------------------------------------------------------------------------------------


async def test_a_button_is_handed_on_and_its_person_told_alone(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    delivery = await fake_discord.click(ANN, await card(fake_discord), "Deny")
    assert delivery.acked
    assert listener.one("pressed").given == (BUTTONS[1].press, "")
    await seen(fake_discord, "Heard.")
    assert "Heard." not in fake_discord.screen(BOB, "101")


async def test_a_button_that_asks_first_counts_when_it_was_confirmed(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    question = await fake_discord.click(ANN, await card(fake_discord), "Stop")
    assert listener.of("pressed") == []
    (asked,) = fake_discord.answers(question)
    assert asked.visible_to == ANN
    await fake_discord.click(ANN, asked.id, "Yes, stop")
    assert listener.one("pressed").given == (BUTTONS[7].press, "")
    await until(lambda: "Heard." in fake_discord.answers(question)[0].readable)
    assert "[Yes, stop]" not in fake_discord.screen(ANN, "101")


async def test_what_asks_first_names_tool_and_arguments_and_can_be_cancelled(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    (asked,) = fake_discord.answers(await fake_discord.click(ANN, await card(fake_discord), "Approve"))
    assert "notes.delete_note" in asked.readable
    assert "name: a.md" in asked.readable
    await fake_discord.click(ANN, asked.id, "Cancel")
    await seen(fake_discord, "Nothing was changed.")
    assert "[Yes, allow]" not in fake_discord.screen(ANN, "101")
    assert listener.of("pressed") == []


async def test_what_stands_behind_more_is_decided_there(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    press = Click(verb="approve", task_id="t1", about="1", detail="d1~17.2")
    made = {"content": "", "embeds": [embed(["A card"])], "components": rows(behind_menu(press))}
    it = await posted(fake_discord, marked(made, "t1/approval/0"), "101")
    (menu,) = fake_discord.answers(await fake_discord.click(ANN, it, "More …"))
    assert menu.visible_to == ANN
    await fake_discord.click(ANN, menu.id, "Deny with a reason")
    await fake_discord.submit_modal(ANN, {"given": "too risky"})
    assert listener.one("pressed").given == (press.model_copy(update={"verb": "deny_because"}), "too risky")
    (asked,) = fake_discord.answers(await fake_discord.click(ANN, menu.id, "Allow for this task"))
    assert len(listener.of("pressed")) == 1
    await fake_discord.click(ANN, asked.id, "Yes, allow all")
    assert listener.of("pressed")[1].given == (press.model_copy(update={"verb": "approve_task"}), "")


async def test_an_option_of_a_select_is_a_click_too(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    option = {"label": "Deny", "value": BUTTONS[1].press.encode()}
    select = {"type": 3, "custom_id": "menu", "min_values": 1, "max_values": 1, "options": [option]}
    made = {"content": "", "embeds": [embed(["A card"])], "components": [{"type": 1, "components": [select]}]}
    it = await posted(fake_discord, marked(made, "t1/approval/0"), "101")
    await fake_discord.click(ANN, it, "menu", choice=["Deny"])
    assert listener.one("pressed").given == (BUTTONS[1].press, "")


@pytest.mark.parametrize(
    ("label", "values", "given"),
    [
        ("Deny with reason", {"given": "too risky"}, "too risky"),
        ("Add an amount", {"given": "2.50"}, "2.50"),
        ("Edit and approve", {"name": "b.md"}, json.dumps({"name": "b.md"})),
    ],
)
async def test_the_form_behind_a_button_is_handed_on_with_what_it_held(
    fake_discord: FakeDiscord,
    listener: Recorder,
    door: DiscordConnection,
    label: str,
    values: dict[str, str],
    given: str,
) -> None:
    await fake_discord.click(ANN, await card(fake_discord), label)
    assert (await fake_discord.submit_modal(ANN, values)).acked
    press = next(button.press for button in BUTTONS if button.label == label)
    assert listener.one("pressed").given == (press, given)
    await seen(fake_discord, "Heard.")


async def test_a_form_is_not_opened_where_nothing_is_left_to_decide(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.decided = None
    await fake_discord.click(ANN, await card(fake_discord), "Edit and approve")
    await seen(fake_discord, "Nothing is left to decide here")
    assert fake_discord.modals(ANN) == []


async def test_details_are_shown_to_their_person_and_a_task_that_is_gone_by_a_sentence(
    fake_discord: FakeDiscord, door: DiscordConnection
) -> None:
    it = await card(fake_discord)
    await fake_discord.click(ANN, it, "Details")
    await seen(fake_discord, "Count the files")
    await fake_discord.click(BOB, it, "Gone")
    await seen(fake_discord, "There is no such task.", BOB)


async def test_buttons_of_before_work_after_a_restart(fake_discord: FakeDiscord, listener: Recorder) -> None:
    async with listening(fake_discord, listener):
        it = await card(fake_discord)
    async with listening(fake_discord, listener):
        assert (await fake_discord.click(ANN, it, "Deny")).acked
        await seen(fake_discord, "Heard.")


# --- messages --------------------------------------------------------------------------------------------


async def test_a_mention_in_a_channel_is_handed_on_in_plain_words_with_its_files(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    files = {"a.txt": "hello", "b.bin": "\0"}
    said = await fake_discord.mention(ANN, "101", "ask <@202> about <#103>", files=files)
    heard = await until(lambda: listener.of("said") and listener.one("said"))
    assert heard.given[0].text == "ask @Bob about #ops"
    assert heard.given[0].mentioned
    assert heard.source.key == f"101:{said}"
    assert heard.source.channels == (("ops", "103"),)
    assert [(file.name, file.text) for file in heard.given[0].files] == [("a.txt", "hello"), ("b.bin", None)]


async def test_what_is_not_for_the_bot_is_not_handed_on(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    await fake_discord.say(ANN, "101", "good morning")
    await posted(fake_discord, {"content": "<@900> I am the bot"})
    await fake_discord.mention(ANN, "101", "now")
    await until(lambda: listener.of("said"))
    assert [one.given[0].text for one in listener.of("said")] == ["now"]


async def test_a_reply_in_a_thread_is_handed_on_with_the_thread_and_what_was_said_before(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.ask_thread = True
    root = await card(fake_discord)
    thread = await fake_discord.open_thread(BOB, "101", "A task", root)
    await fake_discord.say(BOB, thread, "first")
    await fake_discord.say(ANN, thread, "then")
    heard = await until(lambda: next((one for one in listener.of("said") if one.given[0].text == "then"), None))
    await until(lambda: heard.mark)
    assert heard.source.sink.key == f"discord:500:101:{root}"
    assert heard.mark == "t1/status/0"
    assert [(line.name, line.text) for line in heard.lines] == [("Bob", "first")]


async def test_an_answer_to_a_card_where_there_are_no_threads_belongs_to_its_chain(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    root = await card(fake_discord, "107")
    reply = {"content": "more", "message_reference": {"message_id": root}}
    more = await posted(fake_discord, reply, "107")
    await fake_discord.say(ANN, "107", "go on", reply_to=more)
    heard = await until(lambda: listener.of("said") and listener.one("said"))
    assert heard.source.sink.key == f"discord:500:107:{root}"


async def test_a_mention_that_answers_somebody_brings_their_words_along(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    before = await fake_discord.say(BOB, "101", "The build is red")
    await fake_discord.mention(ANN, "101", "find out why", reply_to=before)
    heard = await until(lambda: listener.of("said") and listener.one("said"))
    assert heard.given[0].text == "find out why"
    (about,) = heard.given[0].about
    assert (about.name, about.text, about.at is None) == ("Bob", "The build is red", False)
    assert heard.source.sink.thread == ""


async def test_a_direct_message_is_meant_for_the_bot_and_a_refusal_is_an_answer_to_it(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    listener.answer = Response(text="You may not run it.", tone="warning")
    said = await fake_discord.dm(ANN, "hello")
    heard = await until(lambda: listener.of("said") and listener.one("said"))
    assert heard.given[0].mentioned
    assert heard.source.direct
    assert heard.source.sink.key == f"discord::{fake_discord.direct(ANN)}:"
    await seen(fake_discord, "You may not run it.", channel=fake_discord.direct(ANN))
    assert next(one for one in fake_discord.messages(fake_discord.direct(ANN)) if one.bot).reply_to == said


async def test_edits_and_deletions_are_amendments_and_previews_are_none(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    said = await fake_discord.mention(ANN, "101", "one")
    await fake_discord.edit_message(ANN, said, "<@900> two")
    await until(lambda: len(listener.of("amended")) == 1)
    await fake_discord.delete_message(ANN, said)
    await until(lambda: len(listener.of("amended")) == 2)
    assert [one.given[:2] for one in listener.of("amended")] == [(said, "two"), (said, None)]
    assert {one.source.sink.channel for one in listener.of("amended")} == {"101"}


@pytest.mark.parametrize("lacks", ["content", "author", "edited_timestamp"])
async def test_what_is_no_edit_or_tells_a_part_of_a_message_alone_empties_nothing(lacks: str) -> None:
    """An embed or a preview that came late, as Discord's MESSAGE_UPDATE has it: fields may be missing."""
    handed: list[object] = []

    class Handing:
        async def handle(self, *given: object) -> None:
            handed.append(given)

    whole = {"author": {"id": ANN, "username": "ann"}, "content": "", "edited_timestamp": "2026-01-05T12:00:00+00:00"}
    body = {"id": "7", "channel_id": "101", "embeds": [{"title": "A page"}], **whole}
    await edited(Handing(), Payload(body=body))  # type: ignore[arg-type]
    assert len(handed) == 1
    await edited(Handing(), Payload(body={name: value for name, value in body.items() if name != lacks}))  # type: ignore[arg-type]
    assert len(handed) == 1


@pytest.mark.parametrize(("emoji", "counts"), [("🛑", True), ("❌", True), ("👍", False)])
async def test_a_sign_that_means_stop_is_handed_on(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection, emoji: str, counts: bool
) -> None:
    it = await card(fake_discord)
    await fake_discord.react(ANN, it, emoji)
    await fake_discord.mention(ANN, "101", "then")
    await until(lambda: listener.of("said"))
    assert [one.given for one in listener.of("stopped")] == ([(it,)] if counts else [])
    if counts:
        assert listener.one("stopped").source.by.key == "discord:500:201"


async def test_a_message_is_written_down_once_the_database_is_back_in_the_order_it_was_said(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    tries = []

    async def away() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("away")

    listener.before = away
    await fake_discord.mention(ANN, "101", "one")
    await fake_discord.mention(ANN, "101", "two")
    await until(lambda: len(listener.of("said")) == 2)
    assert [one.given[0].text for one in listener.of("said")] == ["one", "two"]
