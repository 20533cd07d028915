"""`/agent notify on|off|list`."""

from itertools import count
from typing import Any

import pytest

from tests.fake_run import AGENT, ANN, Front
from tests.heard import Heard
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.bot.chat.commands.notify import MAX_SUBSCRIPTIONS, NotifyWords, is_meant, parse_notify
from threadwork.bot.chat.words import parse
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.agents import Access
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import Principal

CHANNEL = Sink(platform="slack", workspace="T1", channel="C1")
BOB = ANN.model_copy(update={"user_id": "U2", "name": "Bob"})
SECRET = AGENT.model_copy(update={"name": "secret", "access": Access(run=("U2",))})
RULE = Subscription(
    subscription_id="file:1", sink=CHANNEL.model_copy(update={"workspace": ""}), source="file", on=("budget",)
)
_keys = count(1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", NotifyWords()),
        ("on", NotifyWords(act="on")),
        ("On Failed, approval", NotifyWords(act="on", kinds=("failed", "approval"))),
        ("on --agent ops failed --by <@U2> --in <#C9>", ("on", ("failed",), ("ops",), ("<@U2>",), ("<#C9>",))),
        ("on —agent=ops --agent 'two'", NotifyWords(act="on", agents=("ops", "two"))),
    ],
)
def test_words_and_options_are_read_in_any_order(typed: str, words: Any) -> None:
    if isinstance(words, tuple):
        words = NotifyWords.model_validate(dict(zip(NotifyWords.model_fields, words, strict=True)))
    assert parse_notify(typed) == words


@pytest.mark.parametrize("typed", ["on --who x", "on --agent", "on --agent --by x"])
def test_an_option_that_cannot_be_used_is_refused(typed: str) -> None:
    with pytest.raises(Rejected, match="--"):
        parse_notify(typed)


@pytest.mark.parametrize(
    ("said", "meant"), [("notify on failed", True), ("notify list", True), ("notify the customers", False)]
)
def test_a_goal_that_begins_with_the_word_is_no_command(said: str, meant: bool) -> None:
    assert is_meant(parse(said)) is meant


class Talk:
    def __init__(self, *rules: Subscription) -> None:
        self.front = Front(None, AGENT, SECRET)
        catalog = MemoryCatalog(AGENT, SECRET, subscriptions=rules)
        self.store = self.front.store
        self.listener = Heard(BotDependencies.on(self.store, catalog, self.front.bus))

    async def says(self, text: str, by: Principal = BOB, sink: Sink = CHANNEL, **named: Any) -> Response:
        origin = MessageSource(by=by, key=f"notify-{next(_keys)}", sink=sink, **named)
        return await self.listener.command(origin, f"notify {text}")

    async def stored(self) -> list[Subscription]:
        found: list[Subscription] = await self.store.subscriptions.all()
        return found


async def test_a_channel_is_told_of_what_needs_somebody_unless_more_is_asked_for() -> None:
    talk = Talk()
    answer = await talk.says("on")
    assert answer.text.startswith("This channel now gets: failures, approvals that wait, budgets used up.")
    [one] = await talk.stored()
    assert (one.sink, one.on, one.agents, one.by) == (CHANNEL, ("failed", "approval", "budget"), ("*",), BOB)


async def test_options_name_agents_people_and_channels() -> None:
    talk = Talk()
    named = {"people": (("Ann Lee", "U1"), ("Ann", "U7")), "channels": (("ops", "C9"),)}
    await talk.says("on everything --agent default --by @Ann Lee --by me --in #ops", **named)
    [one] = await talk.stored()
    assert (one.on, one.agents, one.requesters, one.channels) == (("everything",), ("default",), ("U1", "U2"), ("C9",))


async def test_the_same_asked_again_replaces_the_kinds_and_another_filter_stands_beside_it() -> None:
    talk = Talk()
    await talk.says("on failed")
    await talk.says("on completions")
    await talk.says("on failed --agent default")
    assert [(one.on, one.agents) for one in await talk.stored()] == [
        (("completed",), ("*",)),
        (("failed",), ("default",)),
    ]


async def test_who_may_not_run_an_agent_is_not_told_of_its_tasks() -> None:
    talk = Talk()
    refused = await talk.says("on --agent secret", by=ANN)
    assert (refused.tone, refused.text.split(".")[0]) == ("warning", "You may not run the agent secret")
    assert await talk.stored() == []
    assert "agent default" in (await talk.says("on", by=ANN)).text
    assert [one.agents for one in await talk.stored()] == [("default",)]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("maybe", "Did you mean `/agent notify"),
        ("on fialed", "Did you mean `failed`? There are: failed, approval"),
        ("on --agent nobody", "There is no agent 'nobody'"),
        ("on --by @stranger", "I do not know @stranger"),
        ("on --in #nowhere", "I cannot find #nowhere"),
    ],
)
async def test_what_there_is_not_is_refused_with_a_way_on(typed: str, answer: str) -> None:
    talk = Talk()
    refused = await talk.says(typed)
    assert refused.tone == "warning"
    assert answer in refused.text
    assert await talk.stored() == []


async def test_off_ends_what_people_asked_for_and_says_what_the_file_still_wants() -> None:
    talk = Talk(RULE)
    await talk.says("on failed")
    await talk.says("on failed", sink=CHANNEL.model_copy(update={"channel": "C2"}))
    answer = (await talk.says("off")).text
    assert answer.startswith("This channel gets no more updates on new tasks.")
    assert "• budgets used up (by threadwork.yaml)" in answer
    assert [one.sink.channel for one in await talk.stored()] == ["C2"]
    nothing = await talk.says("off", sink=CHANNEL.model_copy(update={"channel": "C3"}))
    assert nothing.text == "Nobody has subscribed this channel."


async def test_off_is_for_who_asked_for_it_and_who_may_run_the_agents() -> None:
    talk = Talk()
    await talk.says("on --agent secret", by=BOB)
    refused = await talk.says("off", by=ANN)
    assert (refused.tone, "agents that you may not run" in refused.text) == ("warning", True)
    assert len(await talk.stored()) == 1
    await talk.says("on", by=ANN)
    partly = (await talk.says("off", by=ANN)).text
    assert "Something is left that others asked for." in partly
    assert "agent secret (by Bob)" in partly
    assert [one.agents for one in await talk.stored()] == [("secret",)]
    await talk.says("off", by=BOB)
    assert await talk.stored() == []


async def test_the_list_names_the_channels_subscriptions_with_their_origin() -> None:
    talk = Talk(RULE)
    assert "gets no updates" in (await talk.says("list", sink=CHANNEL.model_copy(update={"channel": "C3"}))).text
    await talk.says("on failed --by me")
    lines = (await talk.says("list")).text.splitlines()
    assert lines == [
        "This channel gets:",
        "• budgets used up (by threadwork.yaml)",
        "• failures · tasks of U2 (by Bob)",
    ]


async def test_the_list_shows_channels_that_died_but_not_those_of_another_workspace() -> None:
    talk = Talk()
    for workspace in ("T1", "T2"):
        dead = Sink(platform="slack", workspace=workspace, channel="C9")
        await talk.store.subscriptions.put(
            Subscription(subscription_id=workspace, sink=dead, by=ANN, failure="The channel is gone.")
        )
    text = (await talk.says("list")).text
    assert "has stopped: The channel is gone. (slack:T1/C9)" in text
    assert "T2" not in text


async def test_whoever_subscribes_a_channel_again_revives_what_died_in_it() -> None:
    talk = Talk(RULE)
    await talk.store.subscriptions.put(RULE.model_copy(update={"failure": "gone"}))
    await talk.says("on failed")
    assert [(one.source, one.failure) for one in await talk.stored()] == [("chat", "")]


async def test_a_channel_has_so_many_subscriptions_and_no_more() -> None:
    talk = Talk()
    for number in range(MAX_SUBSCRIPTIONS):
        await talk.store.subscriptions.put(Subscription(subscription_id=str(number), sink=CHANNEL, by=ANN))
    assert "subscriptions already" in (await talk.says("on")).text
    assert len(await talk.stored()) == MAX_SUBSCRIPTIONS


async def test_a_mention_subscribes_the_thread_it_stands_in() -> None:
    talk = Talk()
    thread = CHANNEL.model_copy(update={"thread": "17.1"})
    origin = MessageSource(by=BOB, key="C1:17.2", sink=thread, people=(("Ann", "U1"),))
    said = "<@UBOT> notify on failed --by @Ann"
    answer = await talk.listener.says(origin, said, "17.2", mentioned=True)
    assert answer is not None
    [one] = await talk.stored()
    assert (one.sink, one.requesters) == (thread, ("U1",))
