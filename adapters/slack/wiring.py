"""Slack, wired: what the worker posts with, and the connection of the bot. A `PlatformWiring`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import APIRouter
from pydantic import SecretStr

from threadwork.adapters.chat.wiring import Connection, Wiring
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.installations import Installations, SingleToken, authorizer
from threadwork.adapters.slack.channels import SlackChannels
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.connection import SlackConnection
from threadwork.adapters.slack.directory import SlackDirectory
from threadwork.adapters.slack.inbound.homes import Homes
from threadwork.adapters.slack.oauth import INSTALL, RETURN, SlackOAuth
from threadwork.adapters.slack.scopes import wanted
from threadwork.adapters.slack.settings import SlackSettings
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.people_moves import SqlPeopleMoves
from threadwork.adapters.sql.slack_installations import SqlInstallations, SqlStates
from threadwork.adapters.sql.turns import SqlTurns
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews

log = structlog.get_logger(__name__)

PLATFORM = "slack"

Source = SingleToken | Installations  # which token speaks for a workspace


@asynccontextmanager
async def open_chat(wiring: Wiring[SlackSettings]) -> AsyncIterator[tuple[SlackChat, SlackDirectory]]:
    """Cards go out by the first; the second knows the user groups."""
    settings = wiring.settings
    async with _clients(wiring) as clients:
        chat = SlackChat(
            clients, link=wiring.link, look_ups=settings.slack_lookups_per_minute, agent=settings.slack_agent
        )
        try:
            yield chat, SlackDirectory(clients, alone=settings.slack_client_id is None)
        finally:
            await chat.close()


@asynccontextmanager
async def open_directory(wiring: Wiring[SlackSettings]) -> AsyncIterator[SlackDirectory]:
    """User groups, and what people are there, for the bot."""
    async with _clients(wiring) as clients:
        yield SlackDirectory(clients, alone=wiring.settings.slack_client_id is None)


@asynccontextmanager
async def open_channels(wiring: Wiring[SlackSettings]) -> AsyncIterator[SlackChannels]:
    """Who may read which channels."""
    async with _clients(wiring) as clients:
        yield SlackChannels(clients, alone=wiring.settings.slack_client_id is None)


@asynccontextmanager
async def _clients(wiring: Wiring[SlackSettings]) -> AsyncIterator[Clients]:
    async with AsyncExitStack() as stack:
        source = await _source(wiring, stack)
        clients = Clients(source.bot_token, wiring.settings.slack_api_url)
        stack.push_async_callback(clients.close)
        yield clients


@asynccontextmanager
async def open_connection(
    wiring: Wiring[SlackSettings], receiver: ChatReceiver, views: ChatViews, rates: object
) -> AsyncIterator[Connection]:
    """People come in through Socket Mode or `/slack/events` for as long as the block lasts."""
    settings, store = wiring.settings, wiring.store

    async def known(key: str) -> bool:
        return await store.intake.get(PLATFORM, key) is not None

    async with AsyncExitStack() as stack:
        source = await _source(wiring, stack)
        if isinstance(source, SingleToken):
            await _adopt(source, wiring.database)
        connection = SlackConnection(
            receiver,
            views,
            api_url=settings.slack_api_url,
            signing_secret=_secret(settings.slack_signing_secret),
            app_token=_secret(settings.slack_app_token),
            authorize=authorizer(source),
            withdrawn=source.withdrawn,
            turn=SqlTurns(wiring.database, PLATFORM).first,
            known=known,
            command=settings.slack_command,
            homes=Homes(source.bots, source.identity) if isinstance(source, Installations) else None,
        )
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/slack/events", connection.handle, methods=["POST"])
        if isinstance(source, Installations):
            _add_oauth(router, settings, source, wiring.database)
        await stack.enter_async_context(connection)
        yield Connection(router, _probe(connection))


async def _adopt(source: SingleToken, database: Database) -> None:
    """A workspace may have joined an organisation: its people are then known by that."""
    try:
        known = await source.identity(None)
        if known and known.enterprise_id and known.team_id:
            moved = await SqlPeopleMoves(database).adopt(PLATFORM, known.team_id, known.enterprise_id)
            if moved:
                log.info("slack_people_moved", team=known.team_id, enterprise=known.enterprise_id, people=moved)
    except Exception as error:  # Slack or the database is away: at the next start
        log.warning("slack_people_not_moved", why=type(error).__name__)


async def _source(wiring: Wiring[SlackSettings], stack: AsyncExitStack) -> Source:
    source: Source
    settings = wiring.settings
    if settings.slack_bot_token:
        source = SingleToken(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    else:
        rows = SqlInstallations(wiring.database, wiring.seal)
        client_secret = _secret(settings.slack_client_secret) or ""
        source = Installations(rows, settings.slack_client_id or "", client_secret, settings.slack_api_url)
    stack.push_async_callback(source.close)
    return source


def _add_oauth(router: APIRouter, settings: SlackSettings, installations: Installations, database: Database) -> None:
    oauth = SlackOAuth(
        settings.slack_client_id or "",
        _secret(settings.slack_client_secret) or "",
        installations,
        SqlStates(database),
        scopes=[scope.name for scope in wanted(settings.slack_agent)],
        api_url=settings.slack_api_url,
        command=settings.slack_command,
    )
    router.add_api_route(INSTALL, oauth.install, methods=["GET"])
    router.add_api_route(RETURN, oauth.returned, methods=["GET"])


def _probe(connection: SlackConnection) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        if not connection.healthy:
            raise ThreadworkError("The connection to Slack is not open.", "It is being opened again.")

    return probe


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
