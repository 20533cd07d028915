"""One human is one person, whatever teams Slack's payloads name, and not everybody is anybody.

The teams are those of real payloads: bolt-js#1875 (a click always names one workspace of a Grid, a command the one it
was typed in), bolt-python#1107 and #1229, java-slack-sdk#1041, and bolt-python's tests of its request internals, where
one person is `user_team: E013Y3SHLAY` in a mention and `team: T014GJXU940` in a message."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from tests.acceptance.slack.conftest import Opened, opened  # noqa: F401
from tests.app_harness import until_so
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, AgentSpec, ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b"))
EVERYBODY = ("*", "guests", "external")


class Someone(NamedTuple):
    """A person, where they talk to which installation, and what asks for them."""

    user: str
    channel: str
    token: str
    other: str  # a colleague in the same channel
    start: str = "command"


ANN = Someone("U1", "C1", "xoxb-test", "U2")
GINA = Someone("W31", "C31", "xoxb-three", "W32", "mention")  # E1 in the mention, T3 in messages, T4 in clicks
HANS = Someone("W32", "C31", "xoxb-three", "W31")  # T3 in the command, T4 in clicks
DAN = Someone("U21", "C1", "xoxb-test", "U1", "mention")  # by Slack Connect
FAY = Someone("U23", "C1", "xoxb-test", "U1", "mention")  # by Slack Connect; her clicks name our own team
PEOPLE = pytest.mark.parametrize(
    "who", [ANN, GINA, HANS, DAN, FAY], ids=["plain", "grid", "hans", "connect", "stranger"]
)


def policy(approvals: ApprovalPolicy | None = None, access: Access | None = None) -> AgentSpec:
    return agent(
        approvals=approvals or ApprovalPolicy(approvers=EVERYBODY),
        access=access or Access(run=EVERYBODY, control=EVERYBODY),
    )


async def begins(who: Someone, slack: FakeSlack) -> None:
    if who.start == "mention":
        await slack.mention(who.user, who.channel, "Write a note")
    else:
        await slack.slash(who.user, who.channel, "/agent", "run Write a note")


Play = Callable[..., Opened]


@pytest.fixture
def playing(opened: Play) -> Play:  # noqa: F811
    def play(script: Sequence[Any], who: Someone, spec: AgentSpec, transport: str = "socket") -> Opened:
        return opened(list(script), transport, token=who.token, catalog=MemoryCatalog(spec))

    return play


@PEOPLE
async def test_four_eyes_hold_for_whoever_asked(who: Someone, fake_slack: FakeSlack, playing: Play) -> None:
    spec = policy(ApprovalPolicy(approvers=EVERYBODY, four_eyes=True))
    async with playing([WRITES, done("Written.")], who, spec) as app:
        await begins(who, fake_slack)
        card = await app.message("Allow Write (notes)?", channel=who.channel)

        await fake_slack.click(who.user, card.ts, "Allow once")
        await app.told(who.user, "You asked for this yourself", channel=who.channel)
        await fake_slack.click(who.other, card.ts, "Allow once")

        await app.message("Written.", channel=who.channel)


@PEOPLE
async def test_nobody_makes_up_a_quorum_alone(who: Someone, fake_slack: FakeSlack, playing: Play) -> None:
    spec = policy(ApprovalPolicy(approvers=EVERYBODY, quorum=2))
    async with playing([WRITES, done("Written.")], who, spec) as app:
        await begins(who, fake_slack)
        card = await app.message("Allow Write (notes)?", channel=who.channel)

        await fake_slack.click(who.user, card.ts, "Allow once")
        await app.told(who.user, "must allow it too", channel=who.channel)
        await fake_slack.click(who.user, card.ts, "Allow once")
        await app.told(who.user, "You have allowed this already", channel=who.channel)
        await fake_slack.click(who.other, card.ts, "Allow once")

        await app.message("Written.", channel=who.channel)


@PEOPLE
async def test_people_steer_and_find_what_they_asked_for(who: Someone, fake_slack: FakeSlack, playing: Play) -> None:
    """Though `access.control` names others."""
    spec = policy(access=Access(run=EVERYBODY, control=("U3",)))
    async with playing([WRITES], who, spec) as app:
        await begins(who, fake_slack)
        await app.message("Allow Write (notes)?", channel=who.channel)
        await fake_slack.slash(who.user, who.channel, "/agent", "list")
        await app.told(who.user, "Your tasks.", "Write a note", channel=who.channel)

        status = await app.message("asked by", "[Pause]", channel=who.channel)

        await fake_slack.click(who.user, status.ts, "Pause")
        await app.told(who.user, "Paused", channel=who.channel)
        await fake_slack.click(who.user, status.ts, "Stop")

        await app.message("Stopped", "[Details]", channel=who.channel)


# --- not everybody is anybody ------------------------------------------------------------------------------

STRANGERS = pytest.mark.parametrize(
    "stranger", ["U4", "U5", "U21", "U23"], ids=["guest", "guest of one", "connect", "stranger"]
)


@STRANGERS
async def test_anyone_means_no_guest_and_nobody_of_another_organisation(
    stranger: str, fake_slack: FakeSlack, playing: Play
) -> None:
    async with playing([WRITES, done("Written.")], ANN, agent()) as app:
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")

        await fake_slack.click(stranger, card.ts, "Allow once")
        await app.told(stranger, "This is not yours to decide")
        await fake_slack.mention(stranger, "C1", "Write another note")
        await app.told(stranger, "You may not run the agent")
        await fake_slack.click("U2", card.ts, "Allow once")

        await app.message("Written.")
        assert len(await app.tasks()) == 1


@pytest.mark.parametrize(("person", "member"), [("U4", "guests"), ("U21", "external"), ("U23", "external")])
async def test_guests_and_others_may_where_a_list_says_so(
    person: str, member: str, fake_slack: FakeSlack, playing: Play
) -> None:
    spec = agent(approvals=ApprovalPolicy(approvers=(member,)))
    async with playing([WRITES, done("Written.")], ANN, spec) as app:
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")

        await fake_slack.click("U2", card.ts, "Allow once")
        await app.told("U2", "This is not yours to decide")
        await fake_slack.click(person, card.ts, "Allow once")

        await app.message("Written.")


async def test_who_is_not_known_in_time_decides_once_slack_has_told(fake_slack: FakeSlack, playing: Play) -> None:
    """While `users.info` fails a decision stays pending; to stop waits for nobody."""
    async with playing([WRITES, done("Written.")], ANN, agent()) as app:
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")
        silence(fake_slack, True)

        await fake_slack.click("U2", card.ts, "Allow once")
        await app.told("U2", "Recorded")
        silence(fake_slack, False)

        await app.message("Written.")


async def test_who_is_not_known_yet_may_stop_at_once(fake_slack: FakeSlack, playing: Play) -> None:
    async with playing([WRITES], ANN, agent()) as app:
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")
        silence(fake_slack, True)

        await fake_slack.click("U2", card.thread_ts, "Stop")

        await app.message("Stopped", "[Details]")


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_robots_sign_stops_nothing_though_slack_is_slow_to_tell_who_left_it(
    transport: str, fake_slack: FakeSlack, playing: Play
) -> None:
    async with playing([WRITES, done("Written.")], ANN, agent(), transport) as app:
        fake_slack.channel("C1", members=("U1", "U2", "UBOT1", "UBOT2"))  # UBOT2: of another app, as T1 sees it
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")
        silence(fake_slack, True)
        await fake_slack.react("UBOT2", "C1", card.thread_ts, "x")  # delivered again until Slack gives up
        silence(fake_slack, False)

        await fake_slack.click("U2", card.ts, "Allow once")

        await app.message("Written.")


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_persons_sign_counts_as_soon_as_slack_tells_whose_it_is(
    transport: str, fake_slack: FakeSlack, playing: Play
) -> None:
    async with playing([WRITES], ANN, agent(), transport) as app:
        fake_slack.change(retry_gap=1)
        await begins(ANN, fake_slack)
        card = await app.message("Allow Write (notes)?")
        silence(fake_slack, True)
        await fake_slack.react("U2", "C1", card.thread_ts, "x", wait=False)
        await until_so(
            lambda: [one for one in fake_slack.deliveries() if one.type == "reaction_added" and one.attempts]
        )
        silence(fake_slack, False)

        await app.message("Stopped", "[Details]")


def silence(slack: FakeSlack, silent: bool) -> None:
    """Slack tells nothing of people."""
    slack.faults(*([Fault(kind="server_error", methods=("users.info",))] if silent else []))
