"""Everything of ours around a fake Discord, and what people see there."""

from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.app_harness import Ours, found, until_so
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.journal import Delivery
from tests.fake_discord.screen_views import Seen

ANN, BOB, CID = "201", "202", "203"
GENERAL, FLAT = "101", "107"  # in the second there are no threads


class DiscordLooks:
    """What people see in the fake Discord, as soon as they see it."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord

    async def message(self, *words: str, channel: str | None = GENERAL) -> Seen:
        """Wait for a message that everybody sees with all these words on it; the newest of them."""

        def look() -> list[Seen]:
            seen = [m for m in self.discord.messages(channel) if m.bot and not m.visible_to and not m.deleted]
            return [m for m in seen if all(word in m.readable for word in words)]

        return (await found(look, f"No message says {words}", self._everything))[-1]

    async def told(self, user: str, *words: str, times: int = 1) -> Seen:
        """Wait until this person alone was told all these words, so many times; the newest answer that says so."""

        def look() -> list[Seen]:
            alone = [m for m in self.discord.messages() if m.visible_to == user]
            said = [m for m in alone if all(word in m.readable for word in words)]
            return said if len(said) >= times else []

        return (await found(look, f"Nobody told {user} {words}", self._everything))[-1]

    async def sure(self, user: str, card: Seen, button: str) -> Seen:
        """Press a button that asks first, and say yes. What was asked, which only this person saw."""
        (asked,) = self.discord.answers(await self.discord.click(user, card.id, button))
        assert asked.visible_to == user
        (row,) = asked.components
        await self.discord.click(user, asked.id, row["components"][0]["custom_id"])
        return asked

    async def more(self, user: str, card: Seen, button: str) -> Delivery:
        """Press what stands behind `More …`, which only this person sees."""
        (menu,) = self.discord.answers(await self.discord.click(user, card.id, "More …"))
        assert menu.visible_to == user
        return await self.discord.click(user, menu.id, button)

    async def window(self, user: str, *words: str) -> str:
        """Wait until the person's window has all these words."""

        def look() -> list[str]:
            shown = [form.readable for form in self.discord.modals(user)]
            return [text for text in shown if all(word in text for word in words)]

        return str((await found(look, f"No window says {words}", self._everything))[0])

    def _everything(self) -> str:
        return "\n".join(f"[{m.visible_to or m.channel}] {m.readable}" for m in self.discord.messages())


class AppHarness(DiscordLooks, Ours):
    """Ours, with Discord alone."""

    def __init__(self, client: Client, discord: FakeDiscord, folder: Path, script: Any, **more: Any) -> None:
        """`more`: as for `Ours`, ports included."""
        DiscordLooks.__init__(self, discord)
        Ours.__init__(self, client, folder, script, discord_settings(discord), **more)

    async def connected(self) -> None:
        await discord_reaches(self.discord)


async def discord_reaches(discord: FakeDiscord) -> None:
    """Wait until a bot holds the gateway and its commands are there."""
    await until_so(lambda: discord.connections() and discord.commands())


def discord_settings(discord: FakeDiscord) -> dict[str, Any]:
    return {
        "discord_bot_token": discord.bot_token,
        "discord_api_url": discord.api_url,
        "discord_gateway_url": discord.gateway_url,
        "discord_shards": 1,
    }
