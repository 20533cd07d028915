"""The way in is short: few functions lie between a platform's payload and the stored row.

`pytest -s` prints them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from tests.fake_run import Front, caller
from tests.main_line import MainLine
from tests.sqlite_file import migrated
from threadwork.adapters.chat.background import Work
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.channels import Channels
from threadwork.adapters.discord.inbound.context import Context as DiscordContext
from threadwork.adapters.discord.inbound.events import deliver
from threadwork.adapters.discord.inbound.history import History, Unshared
from threadwork.adapters.discord.inbound.payload import Payload
from threadwork.adapters.slack.api.web import Web
from threadwork.adapters.slack.inbound.app import slack_app
from threadwork.adapters.slack.inbound.context import Context as SlackContext
from threadwork.adapters.slack.inbound.people import People
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.chat.receive import Receiver
from threadwork.bot.chat.views import Views
from threadwork.workflows.buttons import Click
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import Stop
from threadwork.workflows.values import Principal

NOWHERE = "http://127.0.0.1:9/"  # neither platform is there; nothing waits for it
PERSON = {"id": "U1", "name": "ann"}
Deliver = Callable[[str], Any]  # takes the task's id


@dataclass
class Ground:
    front: Front
    receiver: Receiver
    views: Views
    work: Work

    async def task(self, sink: Sink, user: str) -> str:
        from threadwork.bot.intake import commands

        by = Principal(platform=sink.platform, workspace=sink.workspace, user_id=user, standing="member")
        command = await commands.run(self.front.ports, caller(by=by), "Count the files", sink=sink)
        task_id = (await self.front.store.intake.store(command)).task_id
        (row,) = await self.front.store.intake.lease("test", 1, 60)
        await self.front.intake_worker.process(row)
        return task_id

    async def line(self, name: str, deliver: Callable[[], Any]) -> MainLine:
        """What was passed until the stop was stored, and the stop is."""
        with MainLine().watched() as line:
            await deliver()
        await self.work.close()
        (row,) = await self.front.store.intake.lease("test", 1, 60)
        assert isinstance(row.command.action, Stop)
        nested = " > ".join(one.rpartition(":")[2] for one in line.stored)
        print(
            f"\n{name}: main line {len(line.functions)}, nested {len(line.stored)} ({nested}), all {len(line.passed)}"
        )
        print("\n".join(f"  {one}" for one in line.functions))
        return line


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    database = Database(migrated(tmp_path / "main-line.db"))
    front = Front(SqlStore(database))
    yield Ground(front, Receiver(front.ports), Views(front.ports), Work())
    await database.close()


@asynccontextmanager
async def slack(ground: Ground) -> AsyncIterator[Callable[..., Any]]:
    async def known(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UBOT", bot_token="xoxb-1")

    async def withdrawn(_: str) -> None: ...

    web, tally = Web(NOWHERE), Tally("refused")
    given: dict[str, Any] = {
        "receiver": ground.receiver,
        "views": ground.views,
        "work": ground.work,
        "withdrawn": withdrawn,
    }
    context = SlackContext(web=web, people=People(web), link=lambda sink, message: "", **given)
    app = slack_app(context, known, "", tally)

    async def deliver(**body: Any) -> None:
        answer = await app.async_dispatch(AsyncBoltRequest(body={"team_id": "T1", **body}, mode="socket_mode"))
        assert answer.status == 200

    yield deliver
    await web.close()
    tally.close()


@asynccontextmanager
async def discord(ground: Ground) -> AsyncIterator[Callable[..., Any]]:
    rest = Rest("token", NOWHERE)
    history = History(rest, Unshared())
    context = DiscordContext(ground.receiver, ground.views, rest, ground.work, Channels(rest), history)
    whole = {"id": "900", "token": "t", "application_id": "1", "guild_id": "1", "channel": {"id": "101", "type": 0}}
    member = {"user": {"id": "7", "username": "ann"}, "nick": None}

    async def deliver_(**body: Any) -> None:
        await deliver(context, "INTERACTION_CREATE", Payload(body={**whole, "member": member, **body}, bot_user="2"))

    yield deliver_
    await rest.close()


async def test_a_typed_stop_passes_few_functions_on_its_way_from_slack(ground: Ground) -> None:
    task = await ground.task(Sink(platform="slack", workspace="T1", channel="C1"), "U1")
    words = {"command": "/agent", "text": f"stop {task}", "user_id": "U1", "user_name": "ann", "channel_id": "C1"}
    async with slack(ground) as deliver:
        line = await ground.line("/agent stop in Slack", lambda: deliver(**words, trigger_id="1.2"))
    assert len(line.functions) <= 9


async def test_a_click_on_stop_passes_few_functions_on_its_way_from_slack(ground: Ground) -> None:
    task = await ground.task(Sink(platform="slack", workspace="T1", channel="C1"), "U1")
    click = {"type": "block_actions", "user": PERSON, "channel": {"id": "C1"}, "trigger_id": "1.2"}
    action = {
        "type": "button",
        "action_id": "press:stop",
        "block_id": "b",
        "value": Click(verb="stop", task_id=task).encode(),
    }
    message = {"ts": "1.1", "user": "UBOT"}
    async with slack(ground) as deliver:
        line = await ground.line("Stop in Slack", lambda: deliver(**click, actions=[action], message=message))
    assert len(line.functions) <= 9


async def test_a_typed_stop_passes_few_functions_on_its_way_from_discord(ground: Ground) -> None:
    task = await ground.task(Sink(platform="discord", workspace="1", channel="101"), "7")
    options = [{"name": "stop", "type": 1, "options": [{"name": "task", "type": 3, "value": task}]}]
    async with discord(ground) as deliver:
        data = {"type": 1, "name": "agent", "options": options}
        line = await ground.line("/agent stop in Discord", lambda: deliver(type=2, data=data))
    assert len(line.functions) <= 12


async def test_a_click_on_stop_passes_few_functions_on_its_way_from_discord(ground: Ground) -> None:
    task = await ground.task(Sink(platform="discord", workspace="1", channel="101"), "7")
    async with discord(ground) as deliver:
        data = {"component_type": 2, "custom_id": Click(verb="stop", task_id=task).encode()}
        line = await ground.line("Stop in Discord", lambda: deliver(type=3, data=data))
    assert len(line.functions) <= 10
