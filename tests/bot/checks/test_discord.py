"""What `doctor` finds out about Discord, and how to mend it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.seed_data import BOT, OTHER_GUILD
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.subscriptions import SqlSubscriptions
from threadwork.bot.checks.platforms import check
from threadwork.bot.checks.together import together
from threadwork.bot.settings import Settings
from threadwork.workflows.check_results import CheckResult
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription

pytest_plugins = ["tests.fake_discord.fixture"]


async def found(fake: FakeDiscord, channel: str = "", **variables: str) -> dict[str, CheckResult]:
    """What is in order aside, by name."""
    given: dict[str, Any] = {"discord_bot_token": fake.bot_token, "discord_api_url": fake.api_url, **variables}
    findings = [finding async for finding in check(Settings(_env_file=None, **given), "discord", channel)]
    assert fake.bot_token not in str(findings)
    return {finding.name: finding for finding in findings if finding.state != "ok"}


async def test_discord_that_nobody_set_up_is_no_fault() -> None:
    (finding,) = [finding async for finding in check(Settings(_env_file=None, discord_bot_token=None), "discord")]
    assert finding.state == "ok"


async def test_a_bot_in_order_has_nothing_but_its_other_address_to_look_at(fake_discord: FakeDiscord) -> None:
    assert set(await found(fake_discord, "101")) == {"discord address"}


async def test_a_dead_token_fails_with_what_to_do(fake_discord: FakeDiscord) -> None:
    fake_discord.revoke_token()
    finding = (await found(fake_discord))["discord token"]
    assert finding.state == "fail"
    assert "DISCORD_BOT_TOKEN" in finding.hint


async def test_an_intent_that_is_off_fails(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(privileged=0)
    assert (await found(fake_discord))["discord intent"].state == "fail"


@pytest.mark.parametrize(
    ("channel", "lacking", "state"),
    [("107", "Create Public Threads", "warn"), ("108", "Send Messages", "fail"), ("109", "cannot see it", "fail")],
)
async def test_what_the_bot_may_not_do_in_a_channel_is_named(
    fake_discord: FakeDiscord, channel: str, lacking: str, state: str
) -> None:
    finding = (await found(fake_discord, channel))[f"discord channel {channel}"]
    assert lacking in finding.detail
    assert finding.state == state
    assert finding.hint


async def test_every_subscribed_channel_is_looked_at_whoever_subscribed_it(
    fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    config, url = tmp_path / "threadwork.yaml", f"sqlite+aiosqlite:///{tmp_path}/t.db"
    config.write_text('notify:\n  - {to: "discord:108"}\n  - {to: "slack:C9"}\n')
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    sink = Sink(platform="discord", workspace="500", channel="109")
    await SqlSubscriptions(database, utc_now).put(Subscription(subscription_id="s1", sink=sink))
    await database.close()
    told = await found(fake_discord, threadwork_config=str(config), database_url=url)
    assert {"discord channel 108", "discord channel 109"} <= set(told)
    assert "discord channel C9" not in told


async def test_a_thread_is_judged_by_the_channel_it_belongs_to(fake_discord: FakeDiscord) -> None:
    thread = await fake_discord.open_thread("201", "108", "Talk")
    assert f"discord channel {thread}" in await found(fake_discord, thread)


async def test_discord_away_is_a_finding(fake_discord: FakeDiscord) -> None:
    away = await found(fake_discord, discord_api_url="http://127.0.0.1:9/api/v10")
    assert away["discord token"].state == "fail"


async def test_a_bot_that_anybody_may_invite_is_warned_of(fake_discord: FakeDiscord) -> None:
    fake_discord.begin(bot_public=True)
    finding = (await found(fake_discord))["discord public bot"]
    assert finding.state == "warn"
    assert "Public Bot" in finding.hint


@pytest.mark.parametrize(
    ("config", "servers", "told"),
    [
        (
            "",
            2,
            [
                "discord:500, discord:4194304: Subscribed channels get updates only from their own",
                "access.together",
            ],
        ),
        ("", 1, []),
        (
            'access: {together: ["discord:500", "discord:4194304"]}',
            2,
            ["get updates from all of these, as threadwork.yaml"],
        ),
        ('access: {together: ["discord:500", "discord:77"]}', 2, ["discord:77 is listed under access.together"]),
    ],
)
async def test_it_is_said_which_servers_are_together(
    fake_discord: FakeDiscord, tmp_path: Path, config: str, servers: int, told: list[str]
) -> None:
    if servers == 1:
        fake_discord.leave(BOT, OTHER_GUILD)
    (tmp_path / "threadwork.yaml").write_text(config)
    settings = Settings(
        _env_file=None,
        threadwork_config=tmp_path / "threadwork.yaml",
        discord_bot_token=SecretStr(fake_discord.bot_token),
        discord_api_url=fake_discord.api_url,
    )
    said = " ".join(f"{finding.detail} {finding.hint}" for finding in [one async for one in together(settings)])
    assert all(words in said for words in told), said
    assert bool(said) == bool(told)
