"""The crowd's ground in Slack."""

import asyncio

from tests.chaos.crowd import Job, Standing
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.screen_views import Seen


class SlackCrowd:
    people = ("U1", "U2", "U3")
    channels = ("C1", "C2", "C3")

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack

    def cards(self) -> list[Standing]:
        seen = (one for channel in self.channels for one in self._slack.messages(channel) if not one.deleted)
        return [Standing(mark, one.ts, one.channel, one.thread_ts) for one in seen if (mark := mark_of(one))]

    async def order(self, job: Job) -> None:
        delivery = await self._slack.slash(job.person, job.channel, "/agent", f"run {job.goal}")
        assert delivery.acked, delivery.attempts
        assert not delivery.body, "the command was refused"

    async def approve_twice(self, job: Job, card: Standing) -> None:
        clicks = (self._slack.click(job.person, card.message, "Allow once") for _ in range(2))
        assert all(delivery.acked for delivery in await asyncio.gather(*clicks))

    async def reply(self, job: Job, root: Standing, text: str) -> None:
        await self._slack.say(job.person, job.channel, text, thread_ts=root.message)


def mark_of(seen: Seen) -> str:
    return str((seen.metadata.get("event_payload") or {}).get("mark") or "")
