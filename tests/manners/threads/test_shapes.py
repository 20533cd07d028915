"""The strict fakes know the shapes that the table has, and take no others."""

import pytest

from tests.adapters.slack.inbound_harness import Recorder, opened
from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.rich_text import problems
from tests.manners.threads.slack_line import typed

pytest_plugins = ["tests.fake_slack.fixture", "tests.fake_discord.fixture"]


async def test_a_broadcast_brings_the_root_of_its_thread(fake_slack: FakeSlack) -> None:
    async with opened(fake_slack, Recorder(), "http"):
        root = await fake_slack.deliver("C1", {"user": "U1", "text": "deploy"})
        said = {"user": "U2", "text": "done?", "thread_ts": root, "subtype": "thread_broadcast"}
        await fake_slack.deliver("C1", said, ("message",))
    [delivery] = fake_slack.deliveries("events_api")
    assert delivery.payload["event"]["root"]["text"] == "deploy"


def test_rich_text_is_what_clients_make_of_a_line() -> None:
    text = "<@U3|cid> <!subteam^S1|@oncall> <!here> *now* `x` :+1::skin-tone-2:"
    blocks = typed(text)["blocks"]
    kinds = [element["type"] for element in blocks[0]["elements"][0]["elements"] if element.get("text") != " "]
    assert kinds == ["user", "usergroup", "broadcast", "text", "text", "emoji"]
    assert problems(blocks) == []


@pytest.mark.parametrize(
    "element", [{"type": "mention"}, {"type": "user", "id": "U1"}, {"type": "broadcast", "range": "all"}]
)
def test_what_no_client_sends_is_refused(element: dict[str, str]) -> None:
    section = {"type": "rich_text_section", "elements": [element]}
    assert problems([{"type": "rich_text", "elements": [section]}])


async def test_discord_knows_no_other_fields(fake_discord: FakeDiscord) -> None:
    with pytest.raises(AssertionError, match="sticker"):
        await fake_discord.deliver("201", "101", {"sticker": "wave"})
