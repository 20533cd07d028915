"""The crowd's ground in Discord."""

import asyncio
from urllib.parse import parse_qs, urlsplit

from tests.chaos.crowd import LOOK, PATIENCE, Job, Standing
from tests.discord_harness import ANN, BOB, CID, FLAT
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.journal import Delivery
from tests.fake_discord.screen_views import Seen

SURE = "Yes, allow"  # on the question that only the person sees


class DiscordCrowd:
    people = (ANN, BOB, CID)
    channels = ("101", "102", FLAT)

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord

    def cards(self) -> list[Standing]:
        rooms = {place.id: place.parent for place in self._discord.threads()}
        seen = ((one, mark) for one in self._discord.messages() if (mark := mark_of(one)))
        return [
            Standing(mark, one.id, rooms.get(one.channel) or one.channel, root_of(one, one.channel in rooms))
            for one, mark in seen
        ]

    async def order(self, job: Job) -> None:
        """Once, whatever Discord says of it: what was written down before the answer was lost must count."""
        await self._discord.slash(job.person, job.channel, "agent run", {"goal": job.goal})

    async def approve_twice(self, job: Job, card: Standing) -> None:
        asked = await asyncio.gather(*(self._asked(job.person, card) for _ in range(2)))
        await asyncio.gather(*(self._discord.click(job.person, question.id, SURE) for question in asked))

    async def reply(self, job: Job, root: Standing, text: str) -> None:
        """In the thread, or where there are none as an answer to the status card."""
        if job.channel == FLAT:
            await self._discord.say(job.person, FLAT, text, reply_to=root.message)
        else:
            await self._discord.say(job.person, root.message, text)

    async def _asked(self, person: str, card: Standing) -> Seen:
        """The question that comes first. Whoever reads that the interaction failed presses again."""
        async with asyncio.timeout(PATIENCE):
            while not (found := self._question(await self._discord.click(person, card.message, "Allow once"))):
                await asyncio.sleep(LOOK)
        return found

    def _question(self, click: Delivery) -> Seen | None:
        return next((one for one in self._discord.answers(click) if SURE in one.readable), None)


def root_of(seen: Seen, in_thread: bool) -> str:
    """A thread has the id of its root; where there are none a card answers the root."""
    return seen.channel if in_thread else seen.reply_to


def mark_of(seen: Seen) -> str:
    """Empty for what is no card, or was deleted."""
    addresses = [urlsplit(str(embed.get("url") or "")) for embed in seen.embeds]
    marks = [mark for address in addresses for mark in parse_qs(address.query).get("mark", ())]
    return marks[0] if marks and not seen.deleted and not seen.visible_to else ""
