"""*Ask an agent about this*: the form quotes all that the message says, and who said it when."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.inbound_harness import listening
from tests.adapters.slack.inbound_harness import Recorder, opened, until
from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack
from tests.manners.lines import discord_lines, slack_contexts
from tests.manners.lines.line import Json
from threadwork.adapters.discord.connection import DiscordConnection

pytest_plugins = ["tests.fake_slack.fixture", "tests.fake_discord.fixture"]
ANN, BOB = discord_lines.ANN, discord_lines.BOB


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


@pytest.fixture
async def door(fake_discord: FakeDiscord, listener: Recorder) -> AsyncIterator[DiscordConnection]:
    async with listening(fake_discord, listener) as door:
        yield door


async def slack_form(slack: FakeSlack, listener: Recorder, message: Json) -> str:
    """The goal of a form that is sent as it opens."""
    async with opened(slack, listener, "http"):
        ts = await slack.deliver("C1", message)
        await slack.shortcut("U1", "C1", ts, "ask_agent")
        await until(lambda: slack.views("U1"))
        await slack.submit_view("U1")
    goal: str = listener.one("start").given[0].goal
    return goal.strip()


async def test_a_form_about_an_alert_quotes_it_on_slack(fake_slack: FakeSlack, listener: Recorder) -> None:
    head, *lines = (
        await slack_form(fake_slack, listener, slack_contexts.bot(attachments=[slack_contexts.ALERT]))
    ).splitlines()
    assert re.fullmatch(r"> Grafana, [\d-]{10} [\d:]{5} UTC:", head)
    assert lines == [
        "> @here look", "> KubeJobFailed https://am.example/1", "> Job *batch* & more failed", "> cluster: c-01",
    ]  # fmt: skip


async def test_a_form_about_a_forwarded_message_quotes_it_with_links_of_its_files(
    fake_slack: FakeSlack, listener: Recorder
) -> None:
    shared = {**slack_contexts.RED, "text": "it is red", "files": [slack_contexts.LOG]}
    goal = await slack_form(fake_slack, listener, {"user": "U2", "text": "", "attachments": [shared]})
    assert goal.startswith("> Dan (forwarded by Bob), 2023-07-06 13:47 UTC:\n> it is red\n> crash.log: http")


async def test_a_form_about_an_alert_quotes_it_on_discord(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    fake_discord.user(discord_lines.GRAFANA, name="Grafana", is_bot=True)
    said = await fake_discord.deliver(discord_lines.GRAFANA, "101", {"embeds": [discord_lines.EMBED]})
    await fake_discord.context_menu(ANN, said)
    (window,) = fake_discord.modals(ANN)
    quoted = "\n".join(f"> {line}" for line in discord_lines.SHOWN.splitlines())
    assert re.search(rf"> grafana, [\d-]{{10}} [\d:]{{5}} UTC:\n{re.escape(quoted)}", window.readable)


# --- what Discord is asked, and not asked ----------------------------------------------------------------


async def test_roles_are_asked_for_once_and_only_where_one_is_named(
    fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection
) -> None:
    await fake_discord.mention(ANN, "101", "no role here")
    await until(lambda: len(listener.of("said")) == 1)
    assert fake_discord.calls("list_guild_roles") == []
    for number in range(2):
        await fake_discord.say(ANN, "101", f"<@&79> count {number}")
    await until(lambda: len(listener.of("said")) == 3)
    assert len(fake_discord.calls("list_guild_roles")) == 1


async def test_a_message_that_was_taken_already_stays_what_it_is_when_it_is_edited(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    async def known(key: str) -> bool:
        return key in listener.heard

    async with listening(fake_discord, listener, known=known):
        said = await fake_discord.mention(ANN, "101", "one")
        await until(lambda: listener.of("said"))
        await fake_discord.edit_message(ANN, said, "<@900> two")
        await until(lambda: listener.of("amended"))
    assert listener.one("amended").given[:2] == (said, "two")
    assert listener.one("said").given[0].text == "one"
