"""A new version takes over what an older one began: people finish it by clicks on the cards of before."""

import signal
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.chaos.crash_harness import ROOT
from tests.chaos.upgrade_harness import CHANNEL, UpgradeCrashHarness, has, unpacked
from tests.fake_slack.client import FakeSlack

BEFORE_SINKS = "0e97076"  # the last before what is known of sinks, and what leases are about, got tables and columns
BEFORE_ROOMS = "c34f2f8"  # the last before the rooms got folders, and the way in its values
BEFORE_AUTHORITY = "78660d2"  # the last before the rules of authority changed: quorum, task scope, who is one person
LINKED = "Write for both accounts"
ORDERS = {  # who asks for what, of which agent
    "Write as a pair": ("U3", "pair"),
    "Write under four eyes": ("U1", "eyes"),
    "Write often": ("U1", "default"),
    "Write and be asked": ("U1", "default"),
    "Ask me": ("U2", "default"),
    "Spend": ("U1", "default"),
    "Think long": ("U1", "default"),
    "End early": ("U2", "default"),
    "Remember": ("U1", "default"),
    "Fall back": ("U2", "spare"),
}
ASKED = ["answer:1/0", "approval/0", "status/0"]
CARDS = {  # that stand at the end, numbers of approvals left out
    "Write as a pair": ASKED,
    "Write under four eyes": ASKED,
    LINKED: ASKED,
    "Write often": ["answer:1/0", "approval/0", "question:1/0", "status/0"],
    "Write and be asked": ["approval/0", "approval/0", "notice/0", "status/0"],  # it says who stopped the task
    "Ask me": ["answer:1/0", "question:1/0", "status/0"],
    "Spend": ["answer:1/0", "budget:usd:1/0", "status/0"],
    "Think long": ["answer:1/0", "status/0"],
    "End early": ["answer:1/0", "answer:2/0", "approval/0", "status/0"],
    "Remember": ASKED,
    "Fall back": ASKED,
}
TOLD = CARDS | {"Fall back": [*ASKED[:2], "notice/0", ASKED[2]]}  # by a version that tells of another model
COUNTED = {  # whose word counted, for what and in this order
    "Write as a pair": [("human_approval.received", "U1"), ("human_approval.received", "U2")],
    "Write under four eyes": [("human_approval.received", "U2")],
    LINKED: [("human_approval.received", "U3")],
    "Write often": [("human_approval.received", "U1"), ("question.answered", "U3")],
    "Write and be asked": [("human_approval.received", "U2"), ("workflow.cancelled", "U1")],
    "Ask me": [("question.answered", "U1")],
    "Spend": [("budget.increased", "U3")],
    "Think long": [("workflow.paused", "U2"), ("workflow.resumed", "U1")],
    "End early": [("human_approval.received", "U2"), ("follow_up.received", "U1")],
    "Remember": [("human_approval.received", "U2")],
    "Fall back": [("human_approval.received", "U1")],
}
WORDS = {kind for counted in COUNTED.values() for kind, _ in counted}
WRITTEN = ["asked first", "early", "eyes", "late", "linked", "often", "once more", "pair", "remembered", "spare"]
STOPPED = "Write and be asked"
NOT_YOURS = "You asked for this yourself"
APPROVE = "Allow Write (notes)?"
GRANT = "Allow for this task"

pytestmark = [
    pytest.mark.timeout(500),
]


@pytest.mark.parametrize(
    ("before", "bot", "worker"),
    [
        (BEFORE_SINKS, signal.SIGTERM, signal.SIGKILL),
        (BEFORE_AUTHORITY, signal.SIGKILL, signal.SIGTERM),
        (BEFORE_ROOMS, signal.SIGKILL, signal.SIGKILL),
    ],
    ids=["worker killed, before sinks", "bot killed, before authority", "both killed, before the rooms"],
)
async def test_tasks_that_an_older_version_began_are_finished_by_clicks_on_its_cards(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path, before: str, bot: signal.Signals, worker: signal.Signals
) -> None:
    if not has(before):
        pytest.skip(f"this clone has no commit {before}")
    harness = UpgradeCrashHarness(temporal, fake_slack, tmp_path, CARDS)
    old = unpacked(before, tmp_path / "old")
    try:
        await harness.open(old)
        await _begin(harness, old)
        await harness.close(bot, worker)
        await harness.open(ROOT)
        await _finish(harness)
        await _as_promised(harness, CARDS if before == BEFORE_AUTHORITY else TOLD)
        await harness.close(signal.SIGTERM, signal.SIGTERM)
        await harness.refuses(old)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log('worker')[-6_000:]}") from error
    finally:
        harness.kill()


async def _begin(harness: UpgradeCrashHarness, old: Path) -> None:
    """Every task comes to where it waits for people, to a long thought, or to its end."""
    for goal, (person, agent) in ORDERS.items():
        assert (await harness.slack.slash(person, CHANNEL, "/agent", f"run --agent {agent} {goal}")).acked
    await harness.link(old)
    await harness.press("Write as a pair", "Allow once", "U1", on=(APPROVE,))
    await harness.card("Write as a pair", "1 of 2 have allowed it")
    await harness.press("Write under four eyes", "Allow once", "U1", on=(APPROVE,))
    await harness.told("U1", NOT_YOURS)
    await harness.press("Write often", GRANT, "U1", on=(APPROVE,))
    await harness.press("End early", GRANT, "U2", on=(APPROVE,))
    for goal, *words in (
        (LINKED, APPROVE),
        (STOPPED, APPROVE, "asked first"),
        ("Write often", "Go on?", "[Yes]"),
        ("Ask me", "Which colour?", "[Blue]"),
        ("Spend", "[Add 50 %]"),
        ("End early", "Early.", "[👍]"),
        ("Remember", APPROVE),
        ("Fall back", APPROVE),
    ):
        await harness.card(goal, *words)
    await harness.thinks()


async def _finish(harness: UpgradeCrashHarness) -> None:
    """On cards that the older version posted, but where a task asks for something new."""
    await harness.press("Write as a pair", "Allow once", "U1", "U2", on=(APPROVE,))
    await harness.press("Write under four eyes", "Allow once", "U1", "U2", on=(APPROVE,))
    await harness.press(LINKED, "Allow once", "U1", "U3", on=(APPROVE,))
    await harness.press("Write often", "Yes", "U3", on=("Go on?",))
    await harness.press("Remember", "Allow once", "U2", on=(APPROVE,))
    await harness.press("Fall back", "Allow once", "U1", on=(APPROVE,))
    await harness.press("Ask me", "Blue", "U1", on=("Which colour?",))
    await harness.press("Spend", "Add $0.50", "U3", on=("[Add $0.50]",), times=1)
    await harness.press("Think long", "Pause", "U2", on=("[Pause]",))
    await harness.press("Think long", "Resume", "U1", on=("[Resume]",))
    harness.think_no_longer()
    await harness.reply("U1", "End early", "<@UBOT1> And once more.")  # who did not ask goes on by a mention
    await harness.press(STOPPED, "Allow once", "U2", on=(APPROVE, "asked first"))
    await harness.card(STOPPED, APPROVE, "asked again")
    await harness.press(STOPPED, "Stop", "U1", on=("[Stop]",), times=1)
    for goal in set(CARDS) - {STOPPED}:
        await harness.card(goal, f"{goal}: done.")


async def _as_promised(harness: UpgradeCrashHarness, cards: dict[str, list[str]]) -> None:
    """Each ended as it should, each call ran once, each person's word counted once, and each card stands once."""
    for goal, counted in COUNTED.items():
        result, events = await harness.left(goal)
        ended = "cancelled" if goal == STOPPED else "goal_achieved"
        assert (goal, result["reason"]) == (goal, ended)
        told = [(event.type.value, event.data["by"]["user_id"]) for event in events if event.type in WORDS]
        assert (goal, told) == (goal, counted)
    assert harness.cards() == cards
    assert sorted(harness.writes()) == WRITTEN
    for trouble in ("Nondeterminism", "TMPRL1100", "EventConflict", "Traceback"):
        assert trouble not in harness.log("worker")
