"""What is said where few may read is told nowhere else, and nobody decides about what they may not see."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.both_harness import AppHarness
from tests.clock_ahead import ClockAhead
from tests.discord_harness import ANN, CID, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.seed_data import BOT, OTHER_GUILD
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.worker_harness import agent, call, done
from threadwork.adapters.chat import ttl_cache
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.sql.subscriptions import SqlSubscriptions
from threadwork.bot.channels import OPEN_TTL
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.models import ModelRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import DUE, Subscription
from threadwork.workflows.values import Principal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
Opened = AbstractAsyncContextManager[AppHarness]
ALICE, DAVE = "U1", "U3"  # in Slack
OPS, SECRET = "C3", "C5"  # C5 is made private where a test needs it
DISCORD_OPS, CLOSED, MALLORY, ELSEWHERE = "103", "130", "221", "121"
ALL_IN_SLACK = ("U1", "U2", "U3", "UBOT1")
FEW = ("U1", "U2", "UBOT1")
WORDS = "SECRETANSWER payroll"


@pytest.fixture
def opened(temporal: Client, fake_slack: FakeSlack, fake_discord: FakeDiscord, tmp_path: Path) -> Callable[..., Opened]:
    """`opened(script, **more)`, as for `tests.app_harness.Ours`."""

    def open(script: Any, **more: Any) -> Opened:
        return AppHarness(temporal, fake_slack, fake_discord, tmp_path, script, **more).open()

    return open


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> ClockAhead:
    """The clock of what is kept of the platforms' answers."""
    ahead = ClockAhead()
    monkeypatch.setattr(ttl_cache, "time", ahead)
    return ahead


def writes(request: ModelRequest) -> Any:
    """Asks before it writes, then answers what it was asked for."""
    goal = WORDS if "payroll" in str(request.messages) else "Ready."
    wrote = any(message["role"] == "tool" for message in request.messages)
    return done(goal) if wrote else says("", call("notes__write", name="b"))


def answers(request: ModelRequest) -> Any:
    return done(WORDS if "payroll" in str(request.messages) else "Ready.")


def model(step: Callable[[ModelRequest], Any] = answers) -> MemoryModel:
    return MemoryModel(step)


def shown(app: AppHarness, channel: str) -> str:
    """Everything that people of a channel, on either platform, were told by the bot."""
    seen = app.slack.messages(channel) if channel.startswith(("C", "D")) else app.discord.messages(channel)
    return "\n".join(m.readable for m in seen if m.bot and not m.visible_to)


async def ended(app: AppHarness, number: int) -> None:
    async with asyncio.timeout(30):
        while len(tasks := await app.tasks()) < number:
            await asyncio.sleep(0.1)
    for task in tasks:
        await task.happened("workflow.started")
        await task.result()


async def subscribes(app: AppHarness, user: str, channel: str, kinds: str = "everything") -> None:
    if channel.startswith("C"):
        await app.slack.slash(user, channel, "/agent", f"notify on {kinds}")
        await app.in_slack.told(user, "This channel now gets: ", "private channels", channel=channel)
    else:
        await app.discord.slash(user, channel, "agent notify", {"act": "on", "of": kinds})
        await app.in_discord.told(user, "This channel now gets: ", "private channels")


async def others_are_told(app: AppHarness, goal: str, channel: str) -> None:
    """Tasks of public channels are told, so what was left out before would have come before that."""
    looks = app.in_slack if channel.startswith("C") else app.in_discord
    if channel.startswith("C") or channel == DISCORD_OPS:
        await app.slack.slash("U2", "C1", "/agent", f"run {goal}")
        await looks.message(f"“{goal}”", "Ready.", channel=channel)


# --- the story ----------------------------------------------------------------------------------------------


async def test_a_task_of_a_private_channel_is_told_to_nobody_who_subscribed_elsewhere_and_decided_by_none_of_them(
    opened: Callable[..., Opened],
) -> None:
    async with opened(model(writes), catalog=MemoryCatalog(agent())) as app:
        app.slack.channel(SECRET, name="payroll", kind="group", members=FEW)
        await subscribes(app, DAVE, OPS)
        await app.slack.slash(ALICE, SECRET, "/agent", "run the payroll")
        card = await app.in_slack.message("Allow Write (notes)?", "[Allow once]", channel=SECRET)
        await app.slack.click(ALICE, card.ts, "Allow once")
        await app.in_slack.message(WORDS, channel=SECRET)
        await app.slack.slash("U2", "C1", "/agent", "run tidy up")
        await app.in_slack.message("notes.write", "“tidy up”", "[Allow once]", channel=OPS)
        assert "payroll" not in shown(app, OPS)


async def test_a_card_that_was_told_while_the_channel_was_public_is_decided_there_by_nobody_once_it_is_private(
    opened: Callable[..., Opened], ahead: ClockAhead
) -> None:
    """Channels change after they were looked at: adcontextprotocol/adcp#2735."""
    async with opened(model(writes), catalog=MemoryCatalog(agent())) as app:
        app.slack.channel(SECRET, name="payroll", members=FEW)
        await subscribes(app, DAVE, OPS)
        await app.slack.slash(ALICE, SECRET, "/agent", "run the payroll")
        own = await app.in_slack.message("Allow Write (notes)?", "[Allow once]", channel=SECRET)
        card = await app.in_slack.message("notes.write", "[Allow once]", channel=OPS)
        app.slack.channel(SECRET, kind="group")
        ahead.by = OPEN_TTL + 1
        await app.slack.click(DAVE, card.ts, "Allow once")
        await app.in_slack.told(DAVE, "may not see this task", channel=OPS)
        assert "human_approval.received" not in await (await app.task()).types()
        await app.slack.click("U2", card.ts, "Allow once")  # speaks in both
        await app.in_slack.message("Write (notes) allowed by", channel=SECRET)
        await ended(app, 1)
        assert (await app.in_slack.message(WORDS, channel=SECRET)).ts > own.ts
        assert WORDS not in shown(app, OPS), "what came after is told no more"


# --- every kind of place that few may read ------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "members"), [("group", FEW), ("mpim", FEW), ("im", ("U1", "UBOT1"))])
async def test_no_private_conversation_of_slack_is_told_of_on_either_platform(
    opened: Callable[..., Opened], kind: str, members: tuple[str, ...]
) -> None:
    channel = "D1" if kind == "im" else SECRET
    async with opened(model(), catalog=MemoryCatalog(agent())) as app:
        app.discord.leave(BOT, OTHER_GUILD)  # one workspace and one server are together
        app.slack.channel(channel, kind=kind, members=members)
        await subscribes(app, DAVE, OPS)
        await subscribes(app, CID, DISCORD_OPS)
        if kind == "im":
            await app.slack.say(ALICE, channel, "run the payroll")
        else:
            await app.slack.mention(ALICE, channel, "run the payroll")
        await ended(app, 1)
        for place in (OPS, DISCORD_OPS):
            await others_are_told(app, f"tidy up {place}", place)
            assert "payroll" not in shown(app, place)


@pytest.mark.parametrize("where", ["channel", "thread", "direct"])
async def test_no_private_place_of_discord_is_told_of_on_either_platform(
    opened: Callable[..., Opened], where: str
) -> None:
    async with opened(model(), catalog=MemoryCatalog(agent())) as app:
        app.discord.leave(BOT, OTHER_GUILD)
        app.discord.channel(CLOSED, name="closed", members=(ANN,))
        app.discord.channel("131", name="aside", type=12, parent=GENERAL, owner=ANN, joined=(ANN, BOT))
        await subscribes(app, CID, DISCORD_OPS)
        await subscribes(app, DAVE, OPS)
        if where == "direct":
            await app.discord.say(ANN, app.discord.direct(ANN), "run the payroll")
        else:
            await app.discord.mention(ANN, CLOSED if where == "channel" else "131", "run the payroll")
        await ended(app, 1)
        for place in (OPS, DISCORD_OPS):
            await others_are_told(app, f"tidy up {place}", place)
            assert "payroll" not in shown(app, place)


async def test_what_the_file_subscribes_holds_for_private_channels_too(opened: Callable[..., Opened]) -> None:
    config = 'agents: {default: {}}\nnotify: [{to: "slack:C3", on: [completed]}]\n'
    async with opened(model(), config=config) as app:
        app.slack.channel(SECRET, name="payroll", kind="group", members=FEW)
        await app.slack.slash(ALICE, SECRET, "/agent", "run the payroll")
        await app.in_slack.message(WORDS, channel=OPS)


# --- other servers ------------------------------------------------------------------------------------------


async def test_a_server_that_somebody_invited_the_bot_to_is_told_nothing_of_others(
    opened: Callable[..., Opened],
) -> None:
    async with opened(model(), catalog=MemoryCatalog(agent())) as app:
        app.discord.channel("122", name="ours", guild=OTHER_GUILD)
        await subscribes(app, MALLORY, ELSEWHERE)
        await app.slack.slash(ALICE, "C1", "/agent", "run the payroll")
        await app.discord.slash(ANN, GENERAL, "agent run", {"goal": "the payroll"})
        await ended(app, 2)
        await app.discord.slash(MALLORY, "122", "agent run", {"goal": "tidy up"})
        await ended(app, 3)
        await app.in_discord.message("“tidy up”", channel=ELSEWHERE)
        assert "payroll" not in shown(app, ELSEWHERE)


async def test_servers_that_the_file_joins_are_told_of_each_other(opened: Callable[..., Opened]) -> None:
    config = f'agents: {{default: {{}}}}\naccess: {{together: ["slack:T1", "discord:{OTHER_GUILD}"]}}\n'
    async with opened(model(), config=config) as app:
        await subscribes(app, MALLORY, ELSEWHERE)
        await subscribes(app, CID, DISCORD_OPS)
        await app.slack.slash(ALICE, "C1", "/agent", "run the payroll")
        await app.in_discord.message(WORDS, channel=ELSEWHERE)
        assert WORDS not in shown(app, DISCORD_OPS), "the file joins two others"


# --- who was promised more ----------------------------------------------------------------------------------


async def test_a_channel_that_was_promised_more_is_told_so_once(opened: Callable[..., Opened]) -> None:
    async with opened(model(), catalog=MemoryCatalog(agent())) as app:
        app.slack.channel(SECRET, name="payroll", kind="group", members=FEW)
        dave = Principal(platform="slack", workspace="T1", user_id=DAVE, name="Dave")
        sink = Sink(platform="slack", workspace="T1", channel=OPS)
        subscriptions = SqlSubscriptions(app.database, utc_now)
        for name in ("old", "older"):
            one = Subscription(subscription_id=name, sink=sink, on=("everything",), by=dave, notice=DUE)
            await subscriptions.put(one)
        for number in (1, 2):
            await app.slack.slash(ALICE, SECRET, "/agent", f"run the payroll {number}")
            await ended(app, number)
        await app.in_slack.message("gets updates on fewer tasks", "threadwork.yaml", channel=OPS)
        await others_are_told(app, "tidy up", OPS)
        assert shown(app, OPS).count("gets updates on fewer tasks") == 1
        assert "payroll" not in shown(app, OPS)


async def test_while_slack_does_not_say_who_may_read_a_channel_nothing_is_told_and_later_it_is(
    opened: Callable[..., Opened],
) -> None:
    async with opened(model(), catalog=MemoryCatalog(agent())) as app:
        await subscribes(app, DAVE, OPS)
        app.slack.faults(
            Fault(kind="server_error", methods=("conversations.info",), next_calls=2)
        )  # the first asks whether one may post
        await app.slack.slash(ALICE, "C1", "/agent", "run tidy up")
        await app.in_slack.message("Ready.", channel="C1")
        assert "tidy up" not in shown(app, OPS)
        await app.in_slack.message("“tidy up”", "Ready.", channel=OPS)
