"""A task is sent to another channel only by who may write there: an id is easily typed."""

from itertools import count

import pytest

from tests.fake_run import AGENT, ANN, Front
from tests.heard import Heard
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.workflows.agents import Access
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Principal, Standing

HERE = Sink(platform="slack", workspace="T1", channel="C1")
OPEN, CLOSED = "C2", "C5"
EVERYBODY = AGENT.model_copy(update={"access": Access(run=("*", "guests", "external"))})
_keys = count(1)


class Talk:
    def __init__(self) -> None:
        self.channels = MemoryChannels({CLOSED: "private"})
        self.front = Front(None, EVERYBODY, channels=self.channels)
        self.listener = Heard(self.front.ports)

    async def sends(self, standing: Standing, channel: str) -> Response:
        by: Principal = ANN.model_copy(update={"standing": standing})
        origin = MessageSource(
            by=by, key=f"command:{next(_keys)}", sink=HERE, channels=(("there", channel), ("here", "C1"))
        )
        return await self.listener.command(origin, "run --in #there Tell everybody")

    async def places(self) -> list[str]:
        return [task.sink.channel for task in await self.front.store.tasks.list(TaskFilter()) if task.sink]


@pytest.mark.parametrize(
    ("standing", "channel"),
    [("member", CLOSED), ("guest", OPEN), ("guest", CLOSED), ("external", OPEN)],
)
async def test_nobody_starts_a_task_where_they_are_not(standing: Standing, channel: str) -> None:
    talk = Talk()
    answer = await talk.sends(standing, channel)
    assert "You are not in that channel" in answer.text
    assert await talk.places() == []

    talk.channels.members[channel] = {ANN.user_id}
    await talk.sends(standing, channel)
    assert await talk.places() == [channel]


async def test_a_member_sends_one_to_any_public_channel_and_a_guest_to_the_one_they_are_in() -> None:
    talk = Talk()
    await talk.sends("member", OPEN)
    await talk.sends("guest", HERE.channel)
    assert sorted(await talk.places()) == [HERE.channel, OPEN]


async def test_while_the_platform_does_not_tell_no_task_goes_elsewhere() -> None:
    talk = Talk()
    talk.channels.away = True
    answer = await talk.sends("member", OPEN)
    assert "Nobody can say right now" in answer.text
    assert "Give the command in that channel" in answer.text
    assert await talk.places() == []
