"""Mattermost, wired: what the worker posts with, and the connection of the bot. A `PlatformWiring`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from examples.mattermost.channels import MattermostChannels
from examples.mattermost.chat import MattermostChat
from examples.mattermost.connection import MattermostConnection
from examples.mattermost.directory import MattermostDirectory
from examples.mattermost.posts import PLATFORM
from examples.mattermost.rest import Rest
from examples.mattermost.settings import MattermostSettings
from threadwork.activities.ports.accounts import Groups
from threadwork.activities.ports.chat import Channels, ChatAdapter
from threadwork.activities.ports.delivery import Rates
from threadwork.activities.ports.storage import IntakeLog, Tasks
from threadwork.adapters.chat.wiring import Connection, Wiring
from threadwork.adapters.sql.turns import SqlTurns
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.platform_registry import PlatformRow
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter

ROW = PlatformRow(
    name=PLATFORM,
    title="Mattermost",
    thread="a Mattermost thread",
    markdown="Mattermost shows bold, italics, lists, quotes, links, code, headings and tables. Use no HTML.",
    length="Write only what helps, ideally under 4,000 characters; over 10,000, it is split into messages.",
    workspace=r"[a-z0-9]+",
    workspace_example="of one server: none",
    channel=r"[a-z0-9]{26}",
    link=lambda workspace, channel, message_id: "",  # the server's own address is a setting, and no row knows any
    signs=True,  # a command by its token, buttons and dialogs by our signature
)
MAX_OPEN, MAX_THREADS = 500, 200  # tasks whose threads are looked through: at work, and the newest
REPLY_TIME = timedelta(days=1)  # after a task ended people may still reply


@asynccontextmanager
async def open_chat(wiring: Wiring[MattermostSettings]) -> AsyncIterator[tuple[ChatAdapter, Groups]]:
    """Cards go out by the first; the second knows who is a member."""
    rest, secret = _rest(wiring), wiring.settings.mattermost_button_secret.get_secret_value()
    yield MattermostChat(rest, wiring.settings.buttons_url, secret), MattermostDirectory(rest)


@asynccontextmanager
async def open_directory(wiring: Wiring[MattermostSettings]) -> AsyncIterator[Groups]:
    """Who is a member, for the bot."""
    yield MattermostDirectory(_rest(wiring))


@asynccontextmanager
async def open_channels(wiring: Wiring[MattermostSettings]) -> AsyncIterator[Channels]:
    """Who may read which channels."""
    yield MattermostChannels(_rest(wiring))


@asynccontextmanager
async def open_connection(
    wiring: Wiring[MattermostSettings], receiver: ChatReceiver, views: ChatViews, rates: Rates
) -> AsyncIterator[Connection]:
    """People come in through the websocket, and by what Mattermost posts, for as long as the block lasts."""
    store = wiring.store
    connection = MattermostConnection(
        receiver,
        views,
        wiring.settings,
        threads=lambda: threads(store.tasks),
        known=lambda key: known(store.intake, key),
        turn=SqlTurns(wiring.database, PLATFORM).first,
    )
    async with connection:
        yield Connection(connection.requests.router, _probe(connection))


async def threads(tasks: Tasks) -> Sequence[Sink]:
    """Of tasks at work, however old they are, then of those that ended lately; each thread once."""
    at_work = await tasks.list(TaskFilter(platform=PLATFORM, open_only=True, limit=MAX_OPEN))
    newest = await tasks.list(TaskFilter(platform=PLATFORM, limit=MAX_THREADS))
    lately = datetime.now(UTC) - REPLY_TIME
    ended = (task for task in newest if task.status.ended and task.updated_at > lately)
    return list(dict.fromkeys(task.sink for task in (*at_work, *ended) if task.sink and task.sink.thread))


async def known(intake: IntakeLog, key: str) -> bool:
    """Whether a message was stored before."""
    return await intake.get(PLATFORM, key) is not None


def _rest(wiring: Wiring[MattermostSettings]) -> Rest:
    settings = wiring.settings
    return Rest(settings.mattermost_url, settings.mattermost_bot_token.get_secret_value())


def _probe(connection: MattermostConnection) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        if not connection.healthy:
            raise ThreadworkError("The connection to Mattermost is not open.", "It is being opened again.")

    return probe
