"""A whole run in Discord, from the first word to the last, as each person reads it."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.discord_harness import ANN, BOB, CID, GENERAL, AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.screen_views import Seen
from tests.golden.book import Book, Page, attached
from tests.golden.story import catalog, model, tools

pytestmark = [pytest.mark.fire, pytest.mark.timeout(240)]  # a minute each, and what stands in between two looks counts
NAMES = {ANN: "Ann", BOB: "Bob", CID: "Cid"}
RANDOM, SILENT = "102", "108"
LINK, NO_LINK = "Open the thread", "-Open the thread"  # in a notice, and in the thread itself
PLACES = {GENERAL: "#general", RANDOM: "#random", SILENT: "#silent", "301": "Ann's messages with the app"}


def pages(discord: FakeDiscord) -> list[Page]:
    found = [_page(message) for message in discord.messages() if not message.deleted and not message.waiting]
    found += [
        Page(("window", user), "in a window", form.readable, name)
        for user, name in NAMES.items()
        for form in discord.modals(user)
    ]
    return [page for page in found if page.text]


def _page(message: Seen) -> Page:
    place = PLACES.get(message.channel, "in the thread")
    lines = [message.readable if message.bot else "", *(attached(file.name, file.text) for file in message.files)]
    if message.reactions and message.user in NAMES:
        lines.append(f"({NAMES[message.user]}'s line has a reaction)")
    text = "\n".join(line for line in lines if line)
    return Page((message.id,), place, text, NAMES.get(message.visible_to, ""))


class Story:
    """What people do, each act a step of the book."""

    def __init__(self, app: AppHarness, discord: FakeDiscord) -> None:
        self.app, self.discord = app, discord
        self.book = Book("A whole run in Discord", lambda: pages(discord))
        self.root = ""

    async def types(self, user: str, word: str, *seen: Any, channel: str = GENERAL, **options: str) -> None:
        typed = "".join(f" {name}: {value}" for name, value in options.items())
        heading = f"{NAMES[user]} types “/agent {word}{typed}” in {PLACES[channel]}"
        await self.book.step(heading, self.discord.slash(user, channel, f"agent {word}", options), *seen)

    async def says(self, user: str, text: str, *seen: Any, shown: str = "") -> None:
        act = self.discord.say(user, self.root, text)
        await self.book.step(f"{NAMES[user]} writes “{shown or text}” in the thread", act, *seen)

    async def presses(self, user: str, button: str, on: Seen, *seen: Any, what: str = "") -> None:
        where = what or on.readable.split("\n")[0].strip("│ ")
        heading = f"{NAMES[user]} presses [{button}] on “{where}”"
        await self.book.step(heading, self.discord.click(user, on.id, button), *seen)

    async def sends(self, user: str, values: dict[str, str], *seen: Any) -> None:
        given = ", ".join(f"{label}: {value}" for label, value in values.items())
        await self.book.step(
            f"{NAMES[user]} sends the window ({given})", self.discord.submit_modal(user, values), *seen
        )

    async def card(self, *words: str) -> Seen:
        return await self.app.message(*words, channel=self.root)


async def test_a_whole_run_reads_as_the_golden_text_says(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    said = model()
    ports: dict[str, Any] = {"tools": tools(), "catalog": catalog("role:71")}
    async with AppHarness(temporal, fake_discord, tmp_path, said, **ports).open() as app:
        story = Story(app, fake_discord)
        await works_and_asks(story, said.told)
        await looks_around(story)
        await decides(story)
        await comes_to_an_end(story)
        await is_held_and_stopped(story)
        await fails(story)
        await may_not_post(story)
    story.book.compare(Path(__file__).parent / "discord.txt")


async def works_and_asks(story: Story, told: Any) -> None:
    goal = "Write the release notes for the next version"
    await story.types(ANN, "run", "Started", ("Working", "I look at"), goal=goal)
    story.root = (await story.app.message("Working")).id

    async def goes_on() -> None:
        told.set()

    await story.book.step("The agent thinks, then asks", goes_on(), ("Which version", "[2.4]"), "Waiting for an answer")
    card = await story.card("Which version")
    seen: Any = "Your answer", "→ **2.4**", ("Write (notes)", "[Deny]"), "Waiting for approval"
    await story.presses(BOB, "2.4", card, *seen)


async def looks_around(story: Story) -> None:
    card = await story.card("Write (notes)", "[Deny]")
    await story.presses(CID, "Deny", card, "not yours")
    await story.types(ANN, "list", "Your tasks")
    await story.types(ANN, "status", "step 3")
    await story.types(ANN, "approvals", "[Allow once]")
    await story.types(CID, "approvals", "No approval")
    await story.types(ANN, "cost", "7 days")
    await story.types(ANN, "agents", "Agents you may run")
    await story.types(ANN, "help", "/agent run")
    await story.types(ANN, "here", "answers here")
    await story.types(ANN, "status", "No task begins", task="tabc234")
    await story.types(ANN, "pause", "Which one?")
    await story.types(ANN, "home", "Waiting for you")
    head = await story.app.message("Waiting for approval")
    await story.presses(ANN, "Details", head, "**Goal**", what="the head of the thread")


async def decides(story: Story) -> None:
    card = await story.card("Write (notes)", "[Deny]")
    seen: Any = ("Write (notes)", "it ran"), ("Delete (notes)", "[Deny]"), "step 4"
    await story.presses(BOB, "Allow once", card, "`Write (notes)`", *seen)
    card = await story.card("Delete (notes)", "[Deny]")
    await story.says(ANN, "approve 2", "[Allow once]")
    await story.presses(BOB, "Allow once", card, "[Yes, allow]")
    (asked,) = [m for m in story.discord.messages() if m.visible_to == BOB and "[Yes, allow]" in m.readable]
    seen = [("Delete (notes)** allowed", "it ran"), ("Delete (notes)", "draft-2")]
    await story.presses(BOB, "Yes, allow", asked, "`Delete (notes)`", "step 5", *seen)
    card = await story.card("Delete (notes)", "draft-2", "[Deny]")
    await story.presses(BOB, "More …", card, "Deny with a reason")
    (menu,) = [m for m in story.discord.messages() if m.visible_to == BOB and "[Deny with a reason]" in m.readable]
    await story.presses(BOB, "Deny with a reason", menu, "Why not?")
    seen = [("Delete (notes)** denied", "Keep")]
    seen += [("$1.05 of $1.00 used", "[Stop]"), ("Waiting for more budget", "[Pause]")]
    await story.sends(BOB, {"Why not?": "Keep it, Eli is not done"}, "`Delete (notes)`", *seen)


async def comes_to_an_end(story: Story) -> None:
    card = await story.card("$1.05 of $1.00 used")
    await story.presses(BOB, "Add an amount", card, "Dollars to add")
    await story.sends(BOB, {"Dollars to add": "plenty"}, "no amount")
    await story.presses(BOB, "Add an amount", card, "Dollars to add")
    seen: Any = (
        "Write the release notes for the next version” is $3.00 now",
        "✓ The budget",
        ("New login page", "[👎]"),
        "✅ **Done",
    )
    await story.sends(BOB, {"Dollars to add": "2"}, *seen)
    await story.presses(ANN, "👎", await story.card("New login page"), "What was wrong?")
    await story.sends(ANN, {"What was wrong?": "It lacks the old ones"}, "Thanks")
    await story.says(ANN, "Please list all of them", ("answer.md", "[👎]"), "✅ **Done")
    await story.says(BOB, f"<@{CID}> do you have an opinion?", shown="@Cid do you have an opinion?")
    await story.says(BOB, "which of them break logins?", "Go on with this?")
    card = await story.card("Go on with this?")
    await story.presses(BOB, "Go on with this", card, "Got it", ("before 2.0", "[👎]"), "✅ **Done")


async def is_held_and_stopped(story: Story) -> None:
    await story.types(ANN, "notify", "This channel now gets", channel=RANDOM, act="on")
    await story.types(ANN, "notify", "This channel gets", channel=RANDOM, act="list")
    act = story.discord.mention(BOB, GENERAL, "send the notes to everybody")
    heading = "Bob writes “@threadwork send the notes to everybody” in #general"
    seen: Any = ("Send (mail)", NO_LINK), ("Send (mail)", LINK), ("Waiting for approval", "[Pause]"), "a reaction"
    await story.book.step(heading, act, *seen)
    card = next(m for m in story.discord.messages() if "Send (mail)" in m.readable and LINK not in m.readable)
    story.root = card.channel
    seen = [("Send (mail)** allowed", "failed", here) for here in (LINK, NO_LINK)]
    seen += [("Send (mail)", "team@example.com", here) for here in (LINK, NO_LINK)]
    await story.presses(BOB, "Allow once", card, "`Send (mail)`", *seen, "step 2")
    head = await story.app.message("Waiting for approval", "[Pause]", channel=None)
    await story.presses(BOB, "Pause", head, "Paused:", "🟡 **Paused", what="the head of the thread")
    await story.presses(ANN, "Resume", head, "Resumed:", "Waiting for approval", what="the head of the thread")
    await story.says(BOB, "only to the team", ("Bob wrote since", LINK), ("Bob wrote since", NO_LINK))
    seen = [("Send (mail)** withdrawn", here) for here in (LINK, NO_LINK)]
    await story.says(ANN, "stop", "Stopped by Ann", "⚫ **Stopped", *seen)


async def fails(story: Story) -> None:
    await story.types(ANN, "run", "Started", "request limit", goal="Count the commits")
    task = (await story.app.tasks())[-1].task_id
    await story.types(ANN, "stop", "Stopped:", "⚫ **Stopped", "Stopped by Ann", task=task)
    seen: Any = "Started", ("🔴 **Failed", "[Details]"), "refused"
    await story.types(ANN, "run", *seen, channel=RANDOM, goal="Count the files")


async def may_not_post(story: Story) -> None:
    await story.types(ANN, "run", "Nothing was started", channel=SILENT, goal="Say hello")
    card = await story.app.told(ANN, "Nothing was started")
    button = "Run it in my direct messages"
    await story.presses(ANN, button, card, "Started in your", ("Hello, Ann.", "[👎]"), "✅ **Done")
    await story.types(ANN, "home", "Hello, Ann.", "Say hello")
