"""Tokens of workspaces: installed by OAuth, renewed in time by one process at a time, forgotten when they are dead."""

import asyncio
import sqlite3
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncCallableAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route

from tests.adapters.slack.small_slack import CLIENT, LASTS, SECRET, SmallSlack
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.seed_data import CLIENT_ID, CLIENT_SECRET
from tests.sqlite_file import migrated
from threadwork.adapters.sealed_text import Seal, SealBroken
from threadwork.adapters.slack.api import renewal
from threadwork.adapters.slack.api.installations import Installations, SingleToken, authorizer
from threadwork.adapters.slack.checks import check_token
from threadwork.adapters.slack.oauth import INSTALL, RETURN, SlackOAuth
from threadwork.adapters.slack.scopes import wanted
from threadwork.adapters.slack_installations import STATE_LASTS, Facts, Tokens
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.slack_installations import SqlInstallations, SqlStates
from threadwork.workflows.errors import ChatUnavailable

pytest_plugins = ["tests.fake_slack.fixture"]
# Slack's SDK sends an app's credentials in a way that aiohttp means to take out.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
FACTS = Facts(bot_user_id="UBOT", bot_id="B1", team_name="Acme", scopes=("chat:write",))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def slack() -> AsyncIterator[SmallSlack]:
    async with SmallSlack().serving() as slack:
        yield slack


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return migrated(tmp_path / "t.db") if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pgserver
    server = pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
async def postgres_database(postgres_url: str) -> str:
    migrate(postgres_url)
    database = Database(postgres_url)
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM slack_installations"))
    await database.close()
    return postgres_url


@pytest.fixture
async def bot(url: str, slack: SmallSlack, clock: Clock) -> AsyncIterator[Callable[..., SimpleNamespace]]:
    """One more bot process on the same database, with nothing in its memory."""
    async with AsyncExitStack() as stack:

        def make(secret: str = SECRET, keys: tuple[str, ...] = ()) -> SimpleNamespace:
            database = Database(url)
            stack.push_async_callback(database.close)
            rows = SqlInstallations(database, Seal(keys), clock)
            tokens = Installations(rows, CLIENT, secret, slack.url, clock)
            stack.push_async_callback(tokens.close)
            return SimpleNamespace(database=database, rows=rows, tokens=tokens)

        yield make


sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


async def install(bot: SimpleNamespace, slack: SmallSlack, clock: Clock, team: str = "T1") -> str:
    granted = slack.grant(team)
    expires_at = clock.now + timedelta(seconds=LASTS) if slack.rotates else None
    tokens = Tokens(token=granted["access_token"], refresh_token=granted.get("refresh_token"), expires_at=expires_at)
    await bot.tokens.add(team, FACTS, tokens)
    return tokens.token


async def settled(bot: SimpleNamespace) -> None:
    """What goes on in the background has come to its end."""
    await bot.tokens.close()


# --- one token for each workspace --------------------------------------------------------------------


async def test_each_workspace_has_its_own_token_and_a_stranger_has_none(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one, other = bot(), bot()
    first, second = await install(one, slack, clock, "T1"), await install(one, slack, clock, "T2")
    assert (await other.tokens.bot_token("T1"), await other.tokens.bot_token("T2")) == (first, second)
    assert await other.tokens.bot_token("T3") is None
    assert slack.calls.total() == 0, "nothing of that is Slack's business"


@sqlite_only
async def test_bolt_is_told_who_the_bot_is_without_a_call(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    token = await install(one, slack, clock)
    context = AsyncBoltContext(logger=renewal.log)
    authorize = AsyncCallableAuthorize(
        logger=renewal.log, func=cast(Callable[..., Awaitable[AuthorizeResult]], authorizer(one.tokens))
    )
    result = await authorize(context=context, enterprise_id=None, team_id="T1", user_id="U1")
    assert result
    assert (result.bot_token, result.bot_user_id, result.bot_id, result.team_id) == (token, "UBOT", "B1", "T1")
    assert await authorize(context=context, enterprise_id=None, team_id="T9", user_id="U1") is None
    assert slack.calls.total() == 0


async def test_a_workspace_that_installs_again_gets_the_new_token(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    await install(one, slack, clock)
    await one.tokens.bot_token("T1")
    token = await install(one, slack, clock)
    assert await one.tokens.bot_token("T1") == token


async def test_our_bot_users_are_known_with_the_workspaces_that_have_them(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    for team, user in (("T1", "UBOT"), ("T3", "UGRID"), ("T4", "UGRID")):
        facts = FACTS.model_copy(update={"bot_user_id": user})
        await one.tokens.add(team, facts, Tokens(token=slack.grant(team)["access_token"]))
    assert await one.tokens.bots() == {"UBOT": ["T1"], "UGRID": ["T3", "T4"]}
    await one.tokens.add("T5", FACTS, Tokens(token=slack.grant("T5")["access_token"]))
    assert (await one.tokens.bots())["UBOT"] == ["T1", "T5"], "who installs is known at once"


# --- renewal -----------------------------------------------------------------------------------------


async def test_a_token_near_its_end_is_renewed_and_meanwhile_the_old_one_is_used(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    old = await install(one, slack, clock)
    clock.now += timedelta(hours=9, minutes=59)
    assert await one.tokens.bot_token("T1") == old
    await settled(one)
    assert slack.calls["oauth.v2.access"] == 0
    clock.now += timedelta(minutes=2)
    assert await one.tokens.bot_token("T1") == old
    await settled(one)
    new = await one.tokens.bot_token("T1")
    assert new != old
    assert await bot().tokens.bot_token("T1") == new, "stored for others, too"
    assert slack.calls["oauth.v2.access"] == 1


async def test_many_bots_that_need_a_new_token_at_once_use_the_refresh_token_once(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    bots = [bot() for _ in range(4)]
    await install(bots[0], slack, clock)
    slack.delay = 0.3
    for _ in range(3):  # three lifetimes: what the first renewal stored must do for the next
        clock.now += timedelta(seconds=LASTS + 1)
        for one in bots:
            one.tokens._renewal.forget("T1")
        got = await asyncio.gather(*(one.tokens.bot_token("T1") for one in bots for _ in range(5)))
        assert len(set(got)) == 1
        assert got[0] in slack.tokens
    assert slack.calls["oauth.v2.access"] == 3
    assert len(slack.refresh_tokens) == 1, "exactly the newest is alive, and it is the one stored"
    stored = await bots[0].rows.get("T1")
    assert stored.tokens.refresh_token in slack.refresh_tokens


async def test_a_caller_that_gives_up_does_not_break_the_renewal_off(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    old = await install(one, slack, clock)
    clock.now += timedelta(seconds=LASTS)
    slack.delay = 0.3
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(one.tokens.bot_token("T1"), 0.1)
    await settled(one)
    stored = await bot().rows.get("T1")
    assert stored.tokens.token != old
    assert stored.tokens.refresh_token in slack.refresh_tokens


async def test_a_bot_that_died_while_it_renewed_holds_nobody_up_for_long(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one, other = bot(), bot()
    await install(one, slack, clock)
    clock.now += timedelta(seconds=LASTS)
    assert await one.rows.claim(await one.rows.get("T1"), renewal.CLAIMED)  # and then it died
    assert not await other.rows.claim(await other.rows.get("T1"), renewal.CLAIMED)
    clock.now += timedelta(seconds=renewal.CLAIMED)
    assert await other.tokens.bot_token("T1") in slack.tokens


@sqlite_only
async def test_while_slack_is_away_the_old_token_serves_and_then_the_same_refresh_token_is_tried_again(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    old = await install(one, slack, clock)
    slack.broken = {"oauth.v2.access"}
    clock.now += timedelta(hours=11)
    assert await one.tokens.bot_token("T1") == old
    await settled(one)
    clock.now += timedelta(hours=1)
    with pytest.raises(ChatUnavailable):
        await one.tokens.bot_token("T1")
    slack.broken = set()
    assert await one.tokens.bot_token("T1") not in (None, old)


@sqlite_only
async def test_a_wrong_client_secret_is_our_mistake_and_takes_no_workspace_away(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot(secret="wrong")
    await install(one, slack, clock)
    clock.now += timedelta(seconds=LASTS)
    with pytest.raises(ChatUnavailable, match="SLACK_CLIENT_SECRET") as caught:
        await one.tokens.bot_token("T1")
    assert "wrong" not in str(caught.value)
    assert await one.rows.get("T1") is not None


@sqlite_only
async def test_a_refresh_token_that_slack_takes_no_more_ends_the_installation(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    await install(one, slack, clock)
    slack.refresh_tokens.clear()
    clock.now += timedelta(seconds=LASTS)
    assert await one.tokens.bot_token("T1") is None
    assert await bot().tokens.bot_token("T1") is None


# --- removal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "invalid_auth"])
@sqlite_only
async def test_a_workspace_that_removed_the_app_is_forgotten(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock, error: str
) -> None:
    one = bot()
    slack.dead[await install(one, slack, clock)] = error
    assert await one.tokens.withdrawn("T1")
    assert await one.tokens.bot_token("T1") is None
    assert not await one.tokens.withdrawn("T1"), "a second such event finds nothing"


async def test_late_news_of_a_removal_leaves_the_new_installation_alone(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    slack.dead[await install(one, slack, clock)] = "account_inactive"
    token = await install(one, slack, clock)
    assert not await one.tokens.withdrawn("T1")
    assert await one.tokens.bot_token("T1") == token


@sqlite_only
async def test_a_removal_that_cannot_be_verified_is_for_slack_to_tell_again(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    token = await install(one, slack, clock)
    slack.broken = {"auth.test"}
    with pytest.raises(ChatUnavailable):
        await one.tokens.withdrawn("T1")
    assert await one.tokens.bot_token("T1") == token


async def test_a_removal_between_look_and_deletion_spares_what_was_installed_since(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    one = bot()
    await install(one, slack, clock)
    seen = await one.rows.get("T1")
    token = await install(one, slack, clock)
    assert not await one.rows.remove(seen)
    assert not await one.rows.renew(seen, Tokens(token="xoxb-late"))
    assert await one.tokens.bot_token("T1") == token


# --- at rest -----------------------------------------------------------------------------------------


def file_of(url: str) -> bytes:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return "\n".join(connection.iterdump()).encode()


@sqlite_only
async def test_tokens_are_encrypted_with_a_key_and_the_key_can_be_changed(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock, url: str
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    one = bot(keys=(old,))
    token = await install(one, slack, clock)
    kept = file_of(url)
    assert b"T1" in kept
    assert token.encode() not in kept
    assert next(iter(slack.refresh_tokens)).encode() not in kept
    assert await bot(keys=(new, old)).tokens.bot_token("T1") == token
    for keys in ((new,), ()):
        with pytest.raises(SealBroken, match="THREADWORK_ENCRYPTION_KEY"):
            await bot(keys=keys).tokens.bot_token("T1")


@sqlite_only
async def test_tokens_from_before_there_was_a_key_are_read_and_show_in_no_text_of_ours(
    bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock
) -> None:
    token = await install(bot(), slack, clock)
    keyed = bot(keys=(Fernet.generate_key().decode(),))
    assert await keyed.tokens.bot_token("T1") == token
    assert token not in repr(await keyed.rows.get("T1"))


# --- one configured token ----------------------------------------------------------------------------


async def test_a_single_token_asks_once_who_it_is_and_serves_its_own_workspace_alone(slack: SmallSlack) -> None:
    token = slack.grant("T1")["access_token"]
    single = SingleToken(token, slack.url)
    assert await single.bot_token("T1") == token
    assert await single.bot_token("T2") is None
    assert await single.bot_token("") == token, "a file may leave the workspace out"
    known = await authorizer(single)("T2")
    assert known
    assert (known.team_id, known.bot_user_id, known.bot_token) == ("T1", "UBOT", token)
    assert slack.calls["auth.test"] == 1


async def test_a_single_token_that_is_dead_serves_nobody_and_slack_away_is_no_verdict(slack: SmallSlack) -> None:
    single = SingleToken(slack.grant("T1")["access_token"], slack.url)
    slack.broken = {"auth.test"}
    with pytest.raises(ChatUnavailable):
        await single.bot_token("T1")
    slack.broken = set()
    assert await single.bot_token("T1")
    assert await SingleToken("xoxb-unknown", slack.url).bot_token("T1") is None


# --- the two pages -----------------------------------------------------------------------------------


@pytest.fixture
async def site(bot: Callable[..., SimpleNamespace], slack: SmallSlack, clock: Clock) -> AsyncIterator[SimpleNamespace]:
    one = bot()
    states = SqlStates(one.database, clock)
    door = SlackOAuth(CLIENT, SECRET, one.tokens, states, ["chat:write", "commands"], slack.url)
    app = Starlette(routes=[Route(INSTALL, door.install), Route(RETURN, door.returned)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as browser:
        yield SimpleNamespace(browser=browser, tokens=one.tokens)


async def begin(browser: httpx.AsyncClient) -> str:
    sent = await browser.get(INSTALL)
    assert sent.status_code == 302
    return parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]


async def test_a_workspace_installs_the_app_by_itself(site: SimpleNamespace, slack: SmallSlack) -> None:
    sent = await site.browser.get(INSTALL)
    asked = urlsplit(sent.headers["location"])
    assert (asked.hostname, asked.path) == ("slack.com", "/oauth/v2/authorize")
    wanted = parse_qs(asked.query)
    assert (wanted["client_id"], wanted["scope"]) == ([CLIENT], ["chat:write,commands"])
    page = await site.browser.get(RETURN, params={"code": slack.code("T7"), "state": wanted["state"][0]})
    assert (page.status_code, "Threadwork is installed in Acme &lt;Ltd&gt;" in page.text) == (200, True)
    assert await site.tokens.bot_token("T7") in slack.tokens


@sqlite_only
async def test_a_state_is_good_for_one_return_of_its_own_browser_in_time(
    site: SimpleNamespace, slack: SmallSlack, clock: Clock
) -> None:
    state = await begin(site.browser)
    foreign = httpx.AsyncClient(transport=site.browser._transport, base_url="https://bot.example")
    stolen = await foreign.get(RETURN, params={"code": slack.code("T1"), "state": state})
    assert (stolen.status_code, "another browser" in stolen.text) == (400, True)
    assert (await site.browser.get(RETURN, params={"code": slack.code("T1"), "state": state})).status_code == 200
    again = await foreign.get(
        RETURN, params={"code": slack.code("T2"), "state": state}, headers={"cookie": f"slack-app-oauth-state={state}"}
    )
    assert (again.status_code, "finished before" in again.text) == (401, True)
    late = await begin(site.browser)
    clock.now += STATE_LASTS
    assert (await site.browser.get(RETURN, params={"code": slack.code("T2"), "state": late})).status_code == 401
    assert await site.tokens.bot_token("T2") is None


@sqlite_only
async def test_who_does_not_consent_brings_no_code_or_a_false_one_is_told_so(
    site: SimpleNamespace, slack: SmallSlack
) -> None:
    page = await site.browser.get(RETURN, params={"error": "access_denied", "state": "x"})
    assert (page.status_code, "You did not allow it." in page.text) == (200, True)
    page = await site.browser.get(RETURN, params={"code": "forged", "state": await begin(site.browser)})
    assert (page.status_code, "Slack did not confirm it." in page.text) == (401, True)
    assert INSTALL in page.text


@sqlite_only
async def test_an_installation_in_a_whole_organisation_is_refused_with_the_reason(
    site: SimpleNamespace, slack: SmallSlack
) -> None:
    slack.organisation = True
    page = await site.browser.get(RETURN, params={"code": slack.code("T1"), "state": await begin(site.browser)})
    assert (page.status_code, "one workspace at a time" in page.text) == (500, True)
    assert await site.tokens.bot_token("T1") is None


@sqlite_only
async def test_slack_away_during_an_installation_is_a_page_that_says_so(
    site: SimpleNamespace, slack: SmallSlack, caplog: pytest.LogCaptureFixture
) -> None:
    state, code = await begin(site.browser), slack.code("T1")
    slack.broken = {"oauth.v2.access"}
    page = await site.browser.get(RETURN, params={"code": code, "state": state})
    assert page.status_code in (401, 502)
    assert "Threadwork was not installed" in page.text
    assert code not in caplog.text


@sqlite_only
async def test_an_app_without_rotation_has_tokens_that_last(
    site: SimpleNamespace, slack: SmallSlack, clock: Clock
) -> None:
    slack.rotates = False
    await site.browser.get(RETURN, params={"code": slack.code("T1"), "state": await begin(site.browser)})
    token = await site.tokens.bot_token("T1")
    clock.now += timedelta(days=400)
    site.tokens._renewal.forget("T1")
    assert await site.tokens.bot_token("T1") == token
    assert slack.calls["oauth.v2.access"] == 1


# --- against the whole fake --------------------------------------------------------------------------


@pytest.fixture
async def installed(url: str, fake_slack: FakeSlack) -> AsyncIterator[Callable[..., Awaitable[list[Installations]]]]:
    """Two bots on one database, and a way to install the app in a workspace of the fake."""
    database = Database(url)
    bots = [
        Installations(SqlInstallations(database, Seal()), CLIENT_ID, CLIENT_SECRET, fake_slack.api_url) for _ in "12"
    ]
    door = SlackOAuth(CLIENT_ID, CLIENT_SECRET, bots[0], SqlStates(database), ["chat:write"], fake_slack.api_url)
    app = Starlette(routes=[Route(INSTALL, door.install), Route(RETURN, door.returned)])

    async def install(**settings: object) -> list[Installations]:
        fake_slack.begin(rotation=True, scopes=[scope.name for scope in wanted(agent=True)], **settings)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example") as browser:
            sent = {"code": fake_slack.oauth_code("T1"), "state": await begin(browser)}
            assert (await browser.get(RETURN, params=sent)).status_code == 200
        return bots

    yield install
    for bot in bots:
        await bot.close()
    await database.close()
    assert fake_slack.violations() == []


@sqlite_only
async def test_two_bots_live_through_many_short_lives_of_a_token(
    installed: Callable[..., Awaitable[list[Installations]]], fake_slack: FakeSlack
) -> None:
    one, other = await installed(token_seconds=2)
    seen: list[str | None] = []
    for _ in range(5):  # a token that is as good as expired is renewed before it is used
        for bot in (one, other):
            bot._renewal.forget("T1")
        seen += await asyncio.gather(one.bot_token("T1"), other.bot_token("T1"))
    assert None not in seen, "no refresh token was used twice"
    assert len(set(seen)) >= 5
    newest = await other.bot_token("T1")
    assert newest
    assert (await check_token(newest, fake_slack.api_url, agent=True))[0].state == "ok"


@sqlite_only
async def test_an_installed_app_passes_the_examination_until_it_is_removed(
    installed: Callable[..., Awaitable[list[Installations]]], fake_slack: FakeSlack
) -> None:
    one, _ = await installed()
    token = await one.bot_token("T1")
    assert token
    examined = await check_token(token, fake_slack.api_url, agent=True)
    assert [finding for finding in examined if finding.state != "ok"] == []
    assert not await one.withdrawn("T1")
    fake_slack.revoke_tokens("T1")
    assert await one.withdrawn("T1")
    assert await one.identity("T1") is None
