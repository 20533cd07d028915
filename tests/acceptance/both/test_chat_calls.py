"""What a task may cost its platform in calls: numbers that do not grow with what people say."""

from collections import Counter
from pathlib import Path

from temporalio.client import Client

from tests.bench.chat_calls import LINES, in_discord, in_slack
from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack

TASK = f"{LINES} lines of people"
CARDS = 3  # status, approval, answer
OTHERS = 8  # edits and reactions of such a task with nobody's lines


async def test_a_line_of_a_person_costs_slack_a_reaction_and_an_edit_at_most_and_no_message(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path
) -> None:
    made = (await in_slack(temporal, fake_slack, tmp_path, (TASK,)))[TASK]
    assert made["chat.postMessage"] == CARDS, made
    assert made["reactions.add"] + made["reactions.remove"] <= LINES + OTHERS, made
    _in_all(made)


async def test_a_line_of_a_person_costs_discord_a_reaction_and_an_edit_at_most_and_no_message(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    made = (await in_discord(temporal, fake_discord, tmp_path, (TASK,)))[TASK]
    assert made["create_message"] == CARDS, made
    assert sum(many for method, many in made.items() if "reaction" in method) <= LINES + OTHERS, made
    _in_all(made)


def _in_all(made: Counter[str]) -> None:
    assert made.total() <= CARDS + 2 * LINES + OTHERS, made
