"""Every line of the table, through a strict fake of Discord and its gateway."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.discord.inbound_harness import Recorder, listening, until
from tests.fake_discord.client import FakeDiscord
from tests.manners.lines.discord_lines import ANN, GRAFANA, ROWS
from tests.manners.lines.line import Line, told
from threadwork.adapters.discord.connection import DiscordConnection

pytest_plugins = ["tests.fake_discord.fixture"]


@pytest.fixture
def listener() -> Recorder:
    found = Recorder()
    found.ask_thread, found.answer = True, None
    return found


@pytest.fixture
async def door(fake_discord: FakeDiscord, listener: Recorder) -> AsyncIterator[DiscordConnection]:
    async with listening(fake_discord, listener) as door:
        yield door


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_line(fake_discord: FakeDiscord, listener: Recorder, door: DiscordConnection, row: Line) -> None:
    fake_discord.user(GRAFANA, name="Grafana", is_bot=True)
    said = await _said(fake_discord, row)
    await fake_discord.mention(ANN, "102", "the end")
    await until(lambda: [one for one in listener.of("said") if one.given[0].text == "the end"])
    if row.expect is not None:
        await until(lambda: any(key.endswith(f":{said}") for key in listener.heard))
    heard = [one for one in listener.of("said") if one.source.key.endswith(f":{said}")]
    if row.expect is None:
        assert heard == []
        return
    expected = row.expect
    await until(lambda: heard[0].lines or not expected.get("earlier"))
    seen = told(heard[0].given[0], heard[0].lines)
    assert {name: seen[name] for name in expected} == expected


async def _said(discord: FakeDiscord, row: Line) -> str:
    """The line's id, after whatever stands before it."""
    ids: list[str] = []
    where = row.channel or "101"
    for message in row.before:
        ids.append(await discord.deliver(message["author"], where, _body(message)))
        if row.places.get("thread") == str(len(ids) - 1):
            where = await discord.open_thread(ANN, where, "A thread", ids[-1])
    answers = {"reply_to": ids[int(row.places["reply_to"])]} if "reply_to" in row.places else {}
    said = await discord.deliver(row.said["author"], where, _body(row.said) | answers)
    if row.edits:
        await discord.edit_message(row.said["author"], said, row.edits)
    return said


def _body(message: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in message.items() if name != "author"}
