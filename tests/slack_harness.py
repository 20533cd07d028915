"""Everything of ours around a fake Slack, and what people see there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from temporalio.client import Client

from tests.app_harness import Ours, found, until_so
from tests.fake_slack.cast import TEAMS
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.sight import Seen
from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.sql.slack_installations import Facts, Installed, SqlInstallations, Tokens

Transport = Literal["socket", "http"]


class SlackLooks:
    """What people see in the fake Slack, as soon as they see it."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack

    async def shows(self, *words: str, user: str = "U1", channel: str = "C1", thread: str = "") -> str:
        """Wait until a person sees all these words; returns the whole screen."""
        return await _seen(lambda: self.slack.screen(user, channel, thread), words)

    async def message(self, *words: str, channel: str = "C1") -> Seen:
        """Wait for a message that everybody sees with all these words on it; the newest of them."""

        def look() -> list[Seen]:
            seen = [m for m in self.slack.messages(channel) if m.bot and not m.visible_to and not m.deleted]
            return [m for m in seen if all(word in m.readable for word in words)]

        return (await found(look, f"No message says {words}", lambda: self._everything(channel)))[-1]

    async def told(self, user: str, *words: str, channel: str = "C1", times: int = 1) -> Seen:
        """Wait until this person alone was told all these words, so many times; the newest answer that says so."""

        def look() -> list[Seen]:
            alone = [m for m in self.slack.messages(channel) if m.visible_to == user]
            said = [m for m in alone if all(word in m.readable for word in words)]
            return said if len(said) >= times else []

        return (await found(look, f"Nobody told {user} {words}", lambda: self._everything(channel)))[-1]

    async def window(self, user: str, *words: str) -> str:
        """Wait until the person's top window has all these words."""
        return await _seen(lambda: views[-1].readable if (views := self.slack.views(user)) else "", words)

    async def page(self, user: str, *words: str, team: str = "") -> str:
        """Wait until the person's App Home, in their own workspace or another one, has all these words."""
        return await _seen(lambda: home.readable if (home := self.slack.home(user, team)) else "", words)

    def _everything(self, channel: str) -> str:
        lines = (f"[{m.visible_to or m.thread_ts or m.channel}] {m.readable}" for m in self.slack.messages(channel))
        return "\n".join(lines)


class AppHarness(SlackLooks, Ours):
    """Ours, with Slack alone."""

    def __init__(
        self,
        client: Client,
        slack: FakeSlack,
        folder: Path,
        script: Any,
        transport: Transport = "socket",
        declared: bool = False,
        token: str = "",
        installed: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        """`declared`: the app is declared an agent. `token`: of another workspace. `installed`: the workspaces that
        installed the app by OAuth, instead of one whose token is configured. `more`: as for `Ours`."""
        SlackLooks.__init__(self, slack)
        settings = slack_settings(slack, transport, declared) | ({"slack_bot_token": token} if token else {})
        self.installed = installed
        if installed:
            del settings["slack_bot_token"]
            settings |= {"slack_client_id": slack.client_id, "slack_client_secret": slack.client_secret}
        Ours.__init__(self, client, folder, script, settings, **more)
        self.transport = transport

    async def connected(self) -> None:
        await slack_reaches(self.slack, self.urls, self.transport)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        rows = SqlInstallations(self.database, Seal(self.settings.encryption_keys))
        for team in (team for team in TEAMS if team.id in self.installed):
            facts = Facts(
                bot_user_id=team.bot_user,
                bot_id=team.bot_id,
                team_name=team.name,
                enterprise_id=team.enterprise or None,
            )
            await rows.put(Installed(team_id=team.id, facts=facts, tokens=Tokens(token=team.token)))
        async with super().worker():
            yield


async def slack_reaches(slack: FakeSlack, urls: list[str], transport: Transport = "socket") -> None:
    """Wait until it reaches the bots, by sockets or at these addresses."""
    if transport == "http":
        slack.change(request_urls=tuple(f"{url}/slack/events" for url in urls))
    else:
        await until_so(lambda: slack.sockets() >= len(urls))


def slack_settings(slack: FakeSlack, transport: Transport = "socket", declared: bool = False) -> dict[str, Any]:
    return {
        "slack_bot_token": slack.bot_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "slack_agent": declared,
        **({"slack_app_token": slack.app_token} if transport == "socket" else {}),
    }


async def _seen(look: Any, words: tuple[str, ...]) -> str:
    shown = await found(lambda: [text] if all(w in (text := look()) for w in words) else [], f"{words}", look)
    return str(shown[0])
