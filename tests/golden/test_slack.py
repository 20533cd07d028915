"""A whole run in Slack, from the first word to the last, as each person reads it."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.fake_slack.client import FakeSlack
from tests.fake_slack.screen_views import Seen
from tests.golden.book import Book, Page, attached
from tests.golden.story import catalog, model, tools
from tests.slack_harness import AppHarness

pytestmark = [pytest.mark.fire, pytest.mark.timeout(240)]  # a minute each, and what stands in between two looks counts
NAMES = {"U1": "Ann", "U2": "Bob", "U3": "Cid"}
LINK, NO_LINK = "Open the thread", "-Open the thread"  # in a notice, and in the thread itself
PLACES = {"C1": "#general", "C2": "#random", "C8": "#open", "D1": "Ann's messages with the app"}


def pages(slack: FakeSlack) -> list[Page]:
    found = [_page(message) for channel in PLACES for message in slack.messages(channel) if not message.deleted]
    for user, name in NAMES.items():
        found += [Page(("window", user), "in a window", view.readable, name) for view in slack.views(user)[-1:]]
        if home := slack.home(user):
            found.append(Page(("home", user), "App Home", home.readable, name))
    return [page for page in found if page.text]


def _page(message: Seen) -> Page:
    place = f"{PLACES[message.channel]}{', in the thread' if message.thread_ts else ''}"
    lines = [message.readable if message.bot else "", *(attached(file.name, file.text) for file in message.files)]
    if message.reactions and message.user in NAMES:
        lines.append(f"({NAMES[message.user]}'s line has a reaction)")
    text = "\n".join(line for line in lines if line)
    return Page((message.channel, message.ts), place, text, NAMES.get(message.visible_to, ""))


def asked_first(message: Seen, label: str) -> str:
    """What Slack asks before the button counts."""
    buttons = [e for block in message.blocks for e in block.get("elements", ()) if e["type"] == "button"]
    (confirm,) = [button["confirm"] for button in buttons if button["text"]["text"] == label]
    return " / ".join(str(confirm[part]["text"]) for part in ("title", "text", "confirm", "deny"))


class Story:
    """What people do, each act a step of the book."""

    def __init__(self, app: AppHarness, slack: FakeSlack) -> None:
        self.app, self.slack = app, slack
        self.book = Book("A whole run in Slack", lambda: pages(slack))
        self.root = ""

    async def types(self, user: str, words: str, *seen: Any, channel: str = "C1") -> None:
        heading = f"{NAMES[user]} types “/agent {words}” in {PLACES[channel]}"
        await self.book.step(heading, self.slack.slash(user, channel, "/agent", words), *seen)

    async def says(self, user: str, text: str, *seen: Any, shown: str = "") -> None:
        act = self.slack.say(user, "C1", text, thread_ts=self.root)
        await self.book.step(f"{NAMES[user]} writes “{shown or text}” in the thread", act, *seen)

    async def presses(self, user: str, button: str, on: Seen, *seen: Any, what: str = "") -> None:
        where = what or on.readable.split("\n")[0]
        heading = f"{NAMES[user]} presses [{button}] on “{where}”"
        await self.book.step(heading, self.slack.click(user, on.ts, button), *seen)

    async def sends(self, user: str, values: dict[str, str], *seen: Any) -> None:
        given = ", ".join(f"{label}: {value}" for label, value in values.items())
        await self.book.step(f"{NAMES[user]} sends the window ({given})", self.slack.submit_view(user, values), *seen)


async def test_a_whole_run_reads_as_the_golden_text_says(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path
) -> None:
    said = model()
    ports: dict[str, Any] = {"tools": tools(), "catalog": catalog("group:oncall")}
    async with AppHarness(temporal, fake_slack, tmp_path, said, **ports).open() as app:
        story = Story(app, fake_slack)
        await works_and_asks(story, said.told)
        await looks_around(story)
        await decides(story)
        await comes_to_an_end(story)
        await is_held_and_stopped(story)
        await fails(story)
        await may_not_post(story)
    story.book.compare(Path(__file__).parent / "slack.txt")


async def works_and_asks(story: Story, told: Any) -> None:
    await story.types("U1", "run Write the release notes for the next version", "Started", ("Working", "I look at"))
    story.root = (await story.app.message("Working")).ts

    async def goes_on() -> None:
        told.set()

    await story.book.step("The agent thinks, then asks", goes_on(), ("Which version", "[2.4]"), "Waiting for an answer")
    card = await story.app.message("Which version")
    await story.presses("U2", "2.4", card, "Your answer", "→ 2.4", ("Write (notes)?", "[Deny]"), "Waiting for approval")


async def looks_around(story: Story) -> None:
    card = await story.app.message("Write (notes)?")
    await story.presses("U3", "Allow once", card, "not yours")
    await story.types("U1", "list", "Your tasks")
    await story.types("U1", "status", "step 3")
    await story.types("U1", "approvals", "[Allow once]")
    await story.types("U3", "approvals", "No approval")
    await story.types("U1", "cost", "7 days")
    await story.types("U1", "agents", "Agents you may run")
    await story.types("U1", "help", "/agent run")
    await story.types("U1", "here", "answers here")
    await story.types("U1", "staus", "Did you mean")
    await story.types("U1", "run --budget lots Do it", "no amount")
    await story.types("U1", "stop the noise please", "Nothing was changed")
    await story.types("U1", "pause", "Which one?")
    await story.book.step("Ann opens the app's Home", story.slack.open_home("U1"), "Waiting for you")
    await story.presses("U1", "Details", await story.app.message("Waiting for approval"), ("Goal", "Write the release"))
    await story.slack.close_view("U1")


async def decides(story: Story) -> None:
    card = await story.app.message("Write (notes)?")
    seen: Any = ("Write (notes) allowed", "it ran"), ("Delete (notes)?", "[Deny]"), "step 4"
    await story.presses("U2", "Allow once", card, "`Write (notes)`", *seen)
    card = await story.app.message("Delete (notes)?")
    asked = asked_first(card, "Allow once")
    await story.says("U1", "approve 2", "[Allow once]")
    what = f"Delete (notes)?, is asked “{asked}”, and says yes"
    seen = [("Delete (notes) allowed", "it ran"), ("Delete (notes)?", "draft-2")]
    await story.presses("U2", "Allow once", card, "`Delete (notes)`", "step 5", *seen, what=what)
    card = await story.app.message("Delete (notes)?", "draft-2", "[Deny]")
    await story.presses("U2", "Deny with a reason", card, "Why not?")
    seen = [("Delete (notes) denied", "Keep")]
    seen += [("$1.05 of $1.00 used", "[Stop]"), ("Waiting for more budget", "[Pause]")]
    await story.sends("U2", {"Why not?": "Keep it, Eli is not done"}, "`Delete (notes)`", *seen)


async def comes_to_an_end(story: Story) -> None:
    card = await story.app.message("$1.05 of $1.00 used")
    await story.presses("U2", "Add an amount", card, "Dollars to add")
    await story.sends("U2", {"Dollars to add": "plenty"}, "no amount")
    ended = (
        "Write the release notes for the next version” is $3.00 now",
        "✓ The budget",
        ("New login page", "[👎]"),
        "✅ Done",
    )
    await story.sends("U2", {"Dollars to add": "2"}, *ended)
    await story.presses("U1", "👎", await story.app.message("New login page"), "What was wrong?")
    await story.sends("U1", {"What was wrong?": "It lacks the old ones"}, "Thanks")
    await story.says("U1", "Please list all of them", ("answer.md", "[👎]"), "✅ Done")
    await story.says("U2", "<@U3> do you have an opinion?", shown="@Cid do you have an opinion?")
    await story.says("U2", "which of them break logins?", "Go on with this?")
    card = await story.app.told("U2", "Go on with this?")
    await story.presses("U2", "Go on with this", card, "Got it", ("before 2.0", "[👎]"), "✅ Done")


async def is_held_and_stopped(story: Story) -> None:
    await story.types("U1", "notify on", "This channel now gets", channel="C2")
    await story.types("U1", "notify list", "This channel gets", channel="C2")
    act = story.slack.mention("U2", "C1", "send the notes to everybody")
    heading = "Bob writes “@threadwork send the notes to everybody” in #general"
    seen: Any = (
        ("Send (mail)?", NO_LINK),
        ("Send (mail)?", LINK),
        ("Waiting for approval", "[Pause]"),
        "a reaction",
    )
    await story.book.step(heading, act, *seen)
    card = await story.app.message("Send (mail)?", "[Deny]")
    card = next(m for m in story.slack.messages("C1") if "Send (mail)?" in m.readable)
    story.root = card.thread_ts
    again = [("Send (mail)?", "team@example.com", here) for here in (LINK, NO_LINK)]
    failed = [("Send (mail) allowed", "failed", here) for here in (LINK, NO_LINK)]
    await story.presses("U2", "Allow once", card, "`Send (mail)`", *failed, *again, "step 2")
    head = await story.app.message("Waiting for approval", "[Pause]")
    await story.presses("U2", "Pause", head, "Paused:", "🟡 Paused", what="the head of the thread")
    await story.presses("U1", "Resume", head, "Resumed:", "Waiting for approval", what="the head of the thread")
    await story.says("U2", "only to the team", ("Bob wrote since", LINK), ("Bob wrote since", NO_LINK))
    withdrawn = ("Send (mail) withdrawn", LINK), ("Send (mail) withdrawn", NO_LINK)
    await story.says("U1", "stop", "Stopped by Ann", "⚫ Stopped", *withdrawn)


async def fails(story: Story) -> None:
    await story.types("U1", "run Count the commits", "Started", "request limit")
    task = (await story.app.tasks())[-1].task_id
    story.root = (await story.app.message("request limit")).ts
    await story.types("U1", f"stop {task}", "Stopped:", "⚫ Stopped", "Stopped by Ann")
    await story.types("U1", "run Count the files", "Started", ("🔴 Failed", "[Details]"), "refused", channel="C2")


async def may_not_post(story: Story) -> None:
    await story.types("U1", "run Say hello", "Nothing was started", channel="C8")
    card = await story.app.told("U1", "Nothing was started", channel="C8")
    heading = "Run it in my direct messages"
    await story.presses("U1", heading, card, "Started in your", ("Hello, Ann.", "[👎]"), "✅ Done")
    await story.book.step("Ann opens the app's Home again", story.slack.open_home("U1"), "Say hello")
