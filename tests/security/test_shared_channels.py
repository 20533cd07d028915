"""One app in several workspaces that share channels: within an organisation, and between two by Slack Connect.

Slack delivers what happens there once for each installation, or once for one of them, which is then the same whoever
was spoken to: `authorizations` names a single one (bolt-python#1107, bolt-js#2008; twice: hermes-agent#100934). What
anybody may do must not depend on that."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.acceptance.slack.conftest import Opened, opened  # noqa: F401
from tests.fake_slack.client import FakeSlack
from tests.security.test_one_human import silence
from tests.slack_harness import Transport
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, AgentSpec, ApprovalPolicy
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import LOCAL, NANOS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b"), cost_nanos=NANOS // 4)
TASKS = TaskFilter()
GRID, CONNECT = "C51", "C61"
TEAM = {GRID: "T3", CONNECT: "T1"}  # whose bot is spoken to
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
SHARED = pytest.mark.parametrize("shared", ["each", "first", "last"])

Play = Callable[..., Opened]


@pytest.fixture
def playing(opened: Play, fake_slack: FakeSlack) -> Play:  # noqa: F811
    """Everybody who has the app, and two channels with both bots of their workspaces in them."""

    def play(
        script: Sequence[Any], spec: AgentSpec | None = None, transport: Transport = "socket", shared: str = "each"
    ) -> Opened:
        fake_slack.begin(shared=shared)
        grid, connect = ("W31", "W32", "W41", "W42", "UBOT3", "UBOT4"), ("U1", "U2", "U21", "U22", "UBOT1", "UBOT2")
        fake_slack.channel(GRID, team="T3", shared=("T4",), name="grid-shared", members=grid)
        fake_slack.channel(CONNECT, team="T1", shared=("T2",), name="connect", members=connect)
        catalog = MemoryCatalog(spec or agent())
        return opened(list(script), transport, installed=("T1", "T2", "T3", "T4"), catalog=catalog)

    return play


# --- between two organisations -----------------------------------------------------------------------------


@TRANSPORTS
@SHARED
async def test_a_task_belongs_to_whose_bot_was_called(
    shared: str,
    transport: Transport,
    fake_slack: FakeSlack,
    playing: Play,
) -> None:
    """Members of that workspace are members there, and guests of the other one are not, on whichever news it came."""
    async with playing([WRITES, done("Written.")], None, transport, shared) as app:
        await fake_slack.mention("U1", CONNECT, "Write a note", team="T1")
        card = await app.message("Allow Write (notes)?", channel=CONNECT)
        assert card.user == "UBOT1"

        await fake_slack.click("U21", card.ts, "Allow once")
        await app.told("U21", "This is not yours to decide", channel=CONNECT)
        await fake_slack.click("U2", card.ts, "Allow once")

        await app.message("Written.", channel=CONNECT)
        (task,) = await app.harness.store.tasks.list(TASKS)
        assert task.by.key == "slack:T1:U1"
        assert task.sink
        assert task.sink.workspace == "T1"


@SHARED
async def test_the_other_side_calls_its_own_bot(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([WRITES, done("Written.")], None, "socket", shared) as app:
        await fake_slack.mention("U21", CONNECT, "Write a note", team="T2")
        card = await app.message("Allow Write (notes)?", channel=CONNECT)
        assert card.user == "UBOT2"

        await fake_slack.click("U1", card.ts, "Allow once")
        await app.told("U1", "This is not yours to decide", channel=CONNECT)
        await fake_slack.click("U22", card.ts, "Allow once")

        await app.message("Written.", channel=CONNECT)


@SHARED
async def test_nobody_of_the_other_side_orders_a_bot(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([done("Written.")], None, "socket", shared) as app:
        await fake_slack.mention("U21", CONNECT, "Write a note", team="T1")
        await app.told("U21", "You may not run the agent", channel=CONNECT)

        assert not await app.tasks()


@SHARED
async def test_who_asked_stops_and_replies_in_the_thread(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    """Whichever installation hears it first, or alone; though `access.control` names others."""
    spec = agent(access=Access(control=("U3",)))
    async with playing([WRITES, WRITES], spec, "socket", shared) as app:
        root = await fake_slack.mention("U1", CONNECT, "Write a note", team="T1")
        await app.message("Allow Write (notes)?", channel=CONNECT)
        task = await app.task()

        await fake_slack.say("U1", CONNECT, "Write it in French", thread_ts=root)
        heard = await task.happened("follow_up.received", within=20)
        assert heard.data["by"]["workspace"] == "T1"
        await fake_slack.say("U1", CONNECT, "stop", thread_ts=root)

        await app.message("Stopped", "[Details]", channel=CONNECT)


@SHARED
async def test_the_other_side_stops_nothing(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([WRITES], None, "socket", shared) as app:
        root = await fake_slack.mention("U1", CONNECT, "Write a note", team="T1")
        status = await app.message("asked by", "[Pause]", channel=CONNECT)

        await fake_slack.say("U21", CONNECT, "stop", thread_ts=root)
        await app.told("U21", "You may not pause, resume or stop", channel=CONNECT)
        await fake_slack.react("U21", CONNECT, status.ts, "octagonal_sign")
        await app.told("U21", "You may not pause, resume or stop", channel=CONNECT, times=2)
        await fake_slack.react("U1", CONNECT, status.ts, "octagonal_sign")

        await app.message("Stopped", "[Details]", channel=CONNECT)
        assert len([m for m in fake_slack.messages(CONNECT) if m.visible_to == "U21"]) == 2, "once for each of them"


async def test_a_message_to_both_bots_is_one_task_of_the_first(fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([done("Written.")]) as app:
        await fake_slack.say("U1", CONNECT, "<@UBOT1> <@UBOT2> Write a note")
        answer = await app.message("Written.", channel=CONNECT)

        assert answer.user == "UBOT1"
        assert len(await app.tasks()) == 1


# --- within an organisation --------------------------------------------------------------------------------

EVERYBODY = ApprovalPolicy(four_eyes=True)


@TRANSPORTS
@SHARED
async def test_four_eyes_hold_in_all_workspaces_of_an_organisation(
    shared: str,
    transport: Transport,
    fake_slack: FakeSlack,
    playing: Play,
) -> None:
    """Both people's clicks name T4, though the task is of T3."""
    async with playing([WRITES, done("Written.")], agent(approvals=EVERYBODY), transport, shared) as app:
        await fake_slack.mention("W31", GRID, "Write a note", team="T3")
        card = await app.message("Allow Write (notes)?", channel=GRID)

        await fake_slack.click("W31", card.ts, "Allow once")
        await app.told("W31", "You asked for this yourself", channel=GRID)
        await fake_slack.click("W32", card.ts, "Allow once")

        await app.message("Written.", channel=GRID)


@SHARED
async def test_members_of_an_organisation_are_members_in_each_workspace_and_guests_are_none(
    shared: str, fake_slack: FakeSlack, playing: Play
) -> None:
    """Ida and Ivo are in T4 alone; the task is of T3."""
    async with playing([WRITES, done("Written.")], None, "socket", shared) as app:
        root = await fake_slack.mention("W31", GRID, "Write a note", team="T3")
        card = await app.message("Allow Write (notes)?", channel=GRID)

        await fake_slack.click("W42", card.ts, "Allow once")
        await app.told("W42", "This is not yours to decide", channel=GRID)
        await fake_slack.say("W42", GRID, "stop", thread_ts=root)
        await app.told("W42", "You may not pause, resume or stop", channel=GRID)
        await fake_slack.click("W41", card.ts, "Allow once")

        await app.message("Written.", channel=GRID)


async def test_a_form_that_was_opened_in_the_other_workspace_decides(fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([WRITES, done("Left alone.")]) as app:
        await fake_slack.mention("W31", GRID, "Write a note", team="T3")
        card = await app.message("Allow Write (notes)?", channel=GRID)

        await fake_slack.click("W41", card.ts, "Deny with a reason")
        await app.window("W41", "notes.write", "Why not?")
        await fake_slack.submit_view("W41", {"Why not?": "Not today"})

        await app.message("Write (notes) denied by", "Not today", channel=GRID)
        await app.message("Left alone.", channel=GRID)


@SHARED
async def test_a_quorum_in_an_organisation_is_of_people(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    spec = agent(approvals=ApprovalPolicy(quorum=2))
    async with playing([WRITES, done("Written.")], spec, "socket", shared) as app:
        await fake_slack.mention("W31", GRID, "Write a note", team="T4")
        card = await app.message("Allow Write (notes)?", channel=GRID)

        await fake_slack.click("W31", card.ts, "Allow once")
        await app.told("W31", "omebody else must allow it too", channel=GRID)
        await fake_slack.click("W31", card.ts, "Allow once")
        await app.told("W31", "You have allowed this already", channel=GRID)
        await fake_slack.click("W32", card.ts, "Allow once")

        await app.message("Written.", channel=GRID)


@TRANSPORTS
async def test_people_of_an_organisation_find_their_tasks_in_each_workspace(
    transport: Transport,
    fake_slack: FakeSlack,
    playing: Play,
) -> None:
    """Asked for in T3; listed, shown on the page, decided and stopped in T4, which pays into the same account."""
    fake_slack_direct = {"kind": "im", "user": "W31", "members": ("W31", "UBOT4")}
    async with playing([WRITES], None, transport) as app:
        fake_slack.channel("D41", team="T4", **fake_slack_direct)
        await fake_slack.slash("W31", "C31", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?", channel="C31")

        await fake_slack.slash("W31", "C41", "/agent", "list")
        await app.told("W31", "Your tasks.", "Write a note", channel="C41")
        await fake_slack.slash("W31", "C41", "/agent", "cost")
        await app.told("W31", "$0.25", channel="C41")
        for team in ("T3", "T4"):
            await fake_slack.open_home("W31", team=team)
            await app.page("W31", "Write a note", team=team)
        task = await app.task()
        await fake_slack.slash("W31", "C41", "/agent", f"stop {task.task_id}")

        await app.message("Stopped", "[Details]", channel="C31")


async def test_what_waits_is_decided_on_the_page_of_the_other_workspace(fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([WRITES, done("Written.")]) as app:
        await fake_slack.slash("W31", "C31", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?", channel="C31")
        await fake_slack.open_home("W31", team="T4")
        await app.page("W31", "notes.write", "[Allow once]", team="T4")

        await fake_slack.click_in_home("W31", "Allow once", team="T4")

        await app.message("Written.", channel="C31")


async def test_a_typed_decision_counts_from_the_other_workspace(fake_slack: FakeSlack, playing: Play) -> None:
    """In the channel that both share; the command comes by T3, the task is of T4."""
    async with playing([WRITES, done("Written.")]) as app:
        await fake_slack.mention("W31", GRID, "Write a note", team="T4")
        await app.message("Allow Write (notes)?", channel=GRID)
        task = await app.task()

        await fake_slack.slash("W32", GRID, "/agent", f"approve {task.task_id} 1")
        again = await app.told("W32", "Nothing is allowed yet", channel=GRID)
        await fake_slack.click("W32", again.ts, "Allow once")

        await app.message("Written.", channel=GRID)


async def test_a_linked_account_is_the_persons_in_each_workspace(fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([done("Written.")]) as app:
        code = await app.harness.store.people.offer(LOCAL)
        await fake_slack.slash("W31", "C31", "/agent", f"link {code}")
        await app.told("W31", "Linked", channel="C31")
        await app.harness.order("Tidy up", by=LOCAL)

        await fake_slack.slash("W31", "C41", "/agent", "list")

        await app.told("W31", "Your tasks.", "Tidy up", channel="C41")


# --- robots ------------------------------------------------------------------------------------------------


@SHARED
async def test_our_own_other_bot_stops_nothing(shared: str, fake_slack: FakeSlack, playing: Play) -> None:
    """Also while Slack does not tell who is a bot."""
    async with playing([WRITES, done("Written.")], None, "socket", shared) as app:
        await fake_slack.mention("U1", CONNECT, "Write a note", team="T1")
        card = await app.message("Allow Write (notes)?", channel=CONNECT)
        silence(fake_slack, True)
        await fake_slack.react("UBOT2", CONNECT, card.thread_ts, "x")
        silence(fake_slack, False)

        await fake_slack.click("U2", card.ts, "Allow once")

        await app.message("Written.", channel=CONNECT)
