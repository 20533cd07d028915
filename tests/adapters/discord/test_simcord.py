"""Our client and our cards under simcord's rules: what is registered, the limits of every body, and its tokens."""

import json
from collections.abc import AsyncIterator

import discord
import pytest

from tests.adapters.card_cases import APPROVAL, EVIL, GOLDEN, RUNNING, changed, hostile
from tests.adapters.discord.inbound.test_inbound import BUTTONS
from tests.adapters.discord.inbound_harness import Recorder
from tests.adapters.discord.simcord_harness import Harness, harness
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.inbound.sync import ASK_ABOUT, SUBCOMMANDS
from threadwork.workflows.buttons import Button
from threadwork.workflows.cards import Card
from threadwork.workflows.inbound import Item, Response

TASK = "t23456789012"


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
async def acme(listener: Recorder) -> AsyncIterator[Harness]:
    async with harness(listener) as made:
        yield made


async def posted(acme: Harness, card: Card, root: str = "") -> list[str]:
    """Posted as a task does, and edited: the ids of its messages."""
    chat = DiscordChat(acme.rest)
    sink = acme.thread(root) if root else acme.channel
    ids = []
    for number, part in enumerate(chat.render(TASK, card)):
        mark = f"{TASK}/{card.key}/{number}"
        ids.append(await chat.post(sink, part, mark))
        await chat.edit(sink, ids[-1], part, mark)
    await chat.close()
    return ids


async def asking(acme: Harness) -> discord.Message:
    """A card with its buttons, in a task's thread."""
    (root,) = await posted(acme, RUNNING)
    (card,) = await posted(acme, changed(APPROVAL, effect="destructive"), root)
    (thread,) = acme.general.threads
    return next(one for one in thread.history() if str(one.id) == card)


def buttons_of(task_id: str) -> tuple[Button, ...]:
    """The most that an item has."""
    return tuple(
        one.model_copy(update={"press": one.press.model_copy(update={"task_id": task_id})}) for one in BUTTONS[:5]
    )


# --- commands and forms ----------------------------------------------------------------------------------


async def test_every_registered_command_is_answered_to_its_person_alone(acme: Harness, listener: Recorder) -> None:
    words = {one["name"] for one in SUBCOMMANDS}
    assert set(acme.ann.available_commands(acme.general)) == {f"agent {word}" for word in words}
    for word in sorted(words - {"run"}):
        given = {"act": "list"} if word == "notify" else {}
        result = await acme.ann.slash(acme.general, f"agent {word}", **given)
        assert result.response
        assert result.response.ephemeral
        assert result.response.embeds[0].description == "Heard."
    assert {one.given[0].split()[0] for one in listener.of("command")} == words - {"run"}


async def test_an_answer_with_many_items_and_buttons_is_taken(acme: Harness, listener: Recorder) -> None:
    items = tuple(Item(text=f"{number} {'long ' * 100}", buttons=buttons_of(f"t{number}")) for number in range(10))
    listener.answer = Response(text="Many. " * 500, items=items)
    result = await acme.ann.slash(acme.general, "agent approvals")
    assert result.response
    assert len(result.response.components) == 5


async def test_a_bare_run_opens_a_form_that_starts_a_task(acme: Harness, listener: Recorder) -> None:
    shown = await acme.ann.slash(acme.general, "agent run")
    assert shown.modal
    result = await acme.ann.submit_modal(shown, {"goal": "Count the files", "agent": ["writer"], "budget": "2.50"})
    assert result.response
    assert result.response.ephemeral
    (form,) = listener.one("start").given
    assert (form.goal, form.agent, form.budget) == ("Count the files", "writer", "2.50")


async def test_agents_are_offered_while_somebody_types(acme: Harness) -> None:
    offered = await acme.ann.autocomplete(acme.general, "agent run", "agent", "writ")
    assert [one["value"] for one in offered] == ["writer"]


async def test_a_message_can_be_asked_about(acme: Harness, listener: Recorder) -> None:
    said = await acme.bob.send(acme.general, "The build is red")
    shown = await acme.ann.context_menu(acme.general, ASK_ABOUT, said)
    await acme.ann.submit_modal(shown, {"goal": "Why?", "agent": ["default"]})
    heard = listener.one("start")
    assert heard.given[0].goal == "Why?"
    assert heard.source.sink == acme.thread(str(said.id))


async def test_a_response_that_fails_once_is_given_again(acme: Harness, listener: Recorder) -> None:
    acme.env.inject_error("POST", "/interactions/*/callback", status=500)
    result = await acme.ann.slash(acme.general, "agent list")
    assert result.response
    (refused,) = acme.refusals
    assert "injected by test" in refused
    acme.refusals.clear()


# --- cards and buttons -----------------------------------------------------------------------------------


async def test_every_golden_card_is_within_the_limits(acme: Harness) -> None:
    (root,) = await posted(acme, RUNNING)
    for card in GOLDEN.values():
        await posted(acme, card, root)
    (thread,) = acme.general.threads
    assert len(thread.history()) >= len(GOLDEN)
    assert {mention for one in thread.history() for mention in one.raw_mentions} == set()


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
async def test_every_card_is_within_the_limits_whatever_stands_in_it(acme: Harness, text: str) -> None:
    (root,) = await posted(acme, RUNNING)
    for card in hostile(text):
        await posted(acme, card, root)


async def test_every_button_of_an_approval_is_answered_also_after_a_restart(acme: Harness, listener: Recorder) -> None:
    card = await asking(acme)
    denied = await acme.bob.click(card, label="Deny")
    await acme.restart()
    asked = await acme.bob.click(card, label="Allow once")
    assert asked.response
    sure = await acme.bob.click(asked.response, label="Yes, allow")
    menu = (await acme.bob.click(card, label="More …")).response
    assert menu
    form = await acme.bob.click(menu, label="Deny with a reason")
    reason = await acme.bob.submit_modal(form, {"given": "The name is taken"})
    form = await acme.bob.click(menu, label="Edit and allow")
    edited = await acme.bob.submit_modal(form, {"argument:0": "b.md"})
    assert all(one.acknowledged for one in (denied, asked, sure, reason, edited))
    pressed = [(one.given[0].verb, one.given[1]) for one in listener.of("pressed")]
    wanted = [
        ("deny", ""),
        ("approve", ""),
        ("deny_because", "The name is taken"),
        ("edit", json.dumps({"name": "b.md"})),
    ]
    assert pressed == wanted


# --- messages --------------------------------------------------------------------------------------------


async def test_mentions_and_replies_in_a_tasks_thread_are_heard_and_other_talk_is_not(
    acme: Harness, listener: Recorder
) -> None:
    card = await asking(acme)
    (thread,) = acme.general.threads
    bot = acme.env.bot.user
    assert bot
    await acme.ann.send(acme.general, "Nice weather")
    await acme.ann.send(acme.general, f"{bot.mention} count the files")
    await acme.bob.send(thread, "Only those of May")
    await acme.bob.react(card, "🛑")
    assert [(one.given[0].text, one.source.sink.thread) for one in listener.of("said")] == [
        ("count the files", ""),
        ("Only those of May", str(thread.id)),
    ]
    assert listener.one("stopped").given == (str(card.id),)
