"""What the tests of the worker's side post and look at."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.adapters.slack.scripted_web_api import Scripted
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.values import Status

ROOM = Sink(platform="slack", workspace="T1", channel="C1")
THREAD = ROOM.model_copy(update={"thread": "1.0"})
MARK = "t/status/0"
PACE = 0.05  # seconds between two changes of a reaction, in these tests


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


def part(text: str = "hello", **given: Any) -> Part:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    return Part(content={"text": text, "blocks": blocks}, text=text, **given)


def status(state: Status) -> Part:
    return part(state.value, state=state)


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def at_rest(chat: SlackChat) -> None:
    """Wait until every root shows its newest state, or could not: of what was posted until now no more comes."""
    await eventually(lambda: not chat._presence._states._busy)


def reactions(slack: Scripted) -> list[str]:
    """`+name` for every reaction that was added, `-name` for every one removed."""
    signs = {"reactions.add": "+", "reactions.remove": "-"}
    return [signs[method] + arguments["name"] for method, arguments in slack.calls if method in signs]
