"""The JSON API, as the terminal calls it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Self
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from pydantic import Field

from threadwork.bot.client.events import EventStream
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.errors import NotFound, Rejected, ThreadworkError
from threadwork.workflows.events import Chunk, Event
from threadwork.workflows.grants import Grant, GrantWish, Scope
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal, Value

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
REPEATS = (0.2, 0.5, 1.0, 2.0)  # seconds before a request is sent again that got no answer
GLANCE = 2.0  # seconds in which somebody who is there says who they are


class Unreachable(ThreadworkError):
    """Nobody answers at the address."""


class TaskPage(Value):
    """A task with its thread. `texts`: the whole texts behind the cards' references, as far as stored."""

    task: TaskRecord
    thread: ThreadView
    texts: dict[str, str] = Field(default_factory=dict)


class Outcome(Value):
    """What a click came to. `recorded`: it is written down, the task has not reacted yet."""

    outcome: Literal["accepted", "recorded"]
    detail: str = ""


class Offered(Value):
    """An agent that can be named."""

    name: str
    description: str = ""
    model: str = ""


class Linked(Value):
    """The person's accounts, this machine's first. `code`: for another account to join by."""

    accounts: tuple[Principal, ...]
    code: str | None = Field(None, repr=False)


class GrantEntry(Value):
    """A tool that people allowed for good."""

    grant_id: str
    grant: Grant


class GrantEntries(Value):
    """Several of them, the newest first."""

    grants: tuple[GrantEntry, ...]


class About(Value):
    """What runs at the address."""

    version: str
    model: str = ""
    agents: tuple[str, ...] = ()
    demo: bool = False
    temporal_ui: str | None = None


class ApiClient:
    """Every call of the API; open it with `async with`.

    A request that got no answer is sent again under the same Idempotency-Key, so that it counts once. Raises
    `Unreachable`, `NotFound` for what is not there, and `Rejected` for everything else that is refused."""

    def __init__(self, url: str, token: str | None = None, socket: Path | None = None) -> None:
        """`socket`: connected to instead of the address."""
        self.url = str(socket or url)  # as it is shown
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
        self._http = httpx.AsyncClient(
            base_url="http://localhost" if socket else url,
            headers=headers,
            timeout=TIMEOUT,
            trust_env=not here,
            transport=httpx.AsyncHTTPTransport(uds=str(socket)) if socket else None,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    # --- looking ---

    async def about(self) -> About:
        """Who answers. Asks once, gives up after 2 s, and takes any other program for nobody."""
        try:
            response = await self._http.get("/api/about", timeout=GLANCE)
            if response.status_code in (401, 403):
                _read(response)
            return About.model_validate_json(response.content)
        except (httpx.HTTPError, ValueError):
            self._unreachable()

    async def agents(self) -> list[Offered]:
        return [Offered.model_validate(agent) for agent in (await self._get("/api/agents"))["agents"]]

    async def tasks(self, open_only: bool = False, limit: int = 50, parent: str | None = None) -> list[TaskRecord]:
        """Newest first. With `parent` those that it delegated, else those that nobody did."""
        query: dict[str, Any] = {"limit": limit, **({"open": 1} if open_only else {})}
        query |= {"parent": parent} if parent else {}
        return [TaskRecord.model_validate(task) for task in (await self._get("/api/tasks", query))["tasks"]]

    async def task(self, task_id: str) -> TaskPage:
        return TaskPage.model_validate(await self._get(_task(task_id)))

    async def stored(self, task_id: str) -> list[Event]:
        """Every event so far."""
        body = await self._get(_task(task_id, "events"), {"follow": 0})
        return [Event.model_validate(event) for event in body["events"]]

    def events(
        self, task_id: str, after: int = 0, line: Callable[[bool], None] = lambda up: None
    ) -> AsyncGenerator[Event | Chunk, None]:
        """Events with `seq` > `after` as they come, each once and in order, and live text in between.

        Connects again whenever the line breaks, and tells `line`; ends only by being closed."""
        return EventStream(self._http, _task(task_id, "events"), after, line).follow()

    # --- the person's accounts ---

    async def accounts(self) -> Linked:
        return Linked.model_validate(await self._get("/api/link"))

    async def link(self, code: str | None = None) -> Linked:
        """Join by a code, or ask for one."""
        return Linked.model_validate(await self._post("/api/link", {"code": code}, None))

    async def unlink(self) -> Linked:
        return Linked.model_validate(await self._send(self._http.build_request("DELETE", "/api/link")))

    # --- acting: `key` is the Idempotency-Key, a fresh one where None ---

    async def start(
        self,
        goal: str,
        agent: str | None = None,
        model: str | None = None,
        budget: float | None = None,
        key: str | None = None,
    ) -> str:
        """Order a task, with `budget` in dollars, and return its id."""
        wanted = {"goal": goal, "agent": agent, "model": model, "budget": budget}
        return str((await self._post("/api/tasks", wanted, key))["task_id"])

    async def pause(self, task_id: str, reason: str = "", key: str | None = None) -> Outcome:
        return await self._act(task_id, "pause", {"reason": reason or None}, key)

    async def resume(self, task_id: str, reason: str = "", key: str | None = None) -> Outcome:
        return await self._act(task_id, "resume", {"reason": reason or None}, key)

    async def stop(self, task_id: str, reason: str = "", up_to: str | None = None, key: str | None = None) -> Outcome:
        return await self._act(task_id, "stop", {"reason": reason or None, "up_to": up_to}, key)

    async def reply(self, task_id: str, text: str, key: str | None = None) -> Outcome:
        return await self._act(task_id, "replies", {"text": text}, key)

    async def decide(
        self,
        task_id: str,
        approval_id: str,
        decision: Literal["approve", "deny"],
        reason: str = "",
        scope: Scope | None = None,
        arguments: dict[str, Any] | None = None,
        digest: str = "",
        key: str | None = None,
        up_to: str | None = None,
        grant: GrantWish | None = None,
    ) -> Outcome:
        """`arguments`: the tool's, as the person rewrote them. `digest`: of the card the person saw. `up_to`: id of the
        newest reply they saw. `grant`: what the scope `always` gives."""
        said = {"decision": decision, "reason": reason or None, "scope": scope, "arguments": arguments}
        said |= {"digest": digest or None, "up_to": up_to}
        said["grant"] = grant.model_dump(exclude_none=True) if grant else None
        return await self._act(task_id, f"approvals/{quote(approval_id, safe='')}", said, key)

    async def answer(self, task_id: str, question_id: str, answer: str, key: str | None = None) -> Outcome:
        return await self._act(task_id, f"questions/{quote(question_id, safe='')}", {"answer": answer}, key)

    async def add_budget(
        self,
        task_id: str,
        usd: float | None = None,
        tokens: int | None = None,
        iterations: int | None = None,
        key: str | None = None,
    ) -> Outcome:
        added = {"add_usd": usd, "add_tokens": tokens, "add_iterations": iterations}
        return await self._act(task_id, "budget", added, key)

    async def grants(self, ended: bool = False) -> tuple[GrantEntry, ...]:
        """What is allowed for good. `ended`: also what was."""
        return GrantEntries.model_validate(await self._get("/api/grants", {"all": ended})).grants

    async def revoke_grant(self, grant_id: str) -> Outcome:
        path = f"/api/grants/{quote(grant_id, safe='')}"
        return Outcome.model_validate(await self._send(self._http.build_request("DELETE", path)))

    # --- the line ---

    async def _act(self, task_id: str, what: str, body: dict[str, Any], key: str | None) -> Outcome:
        return Outcome.model_validate(await self._post(_task(task_id, what), body, key))

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        return await self._send(self._http.build_request("GET", path, params=query))

    async def _post(self, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        said = {name: value for name, value in body.items() if value is not None}
        headers = {"Idempotency-Key": key or uuid4().hex}
        try:
            request = self._http.build_request("POST", path, json=said, headers=headers)
        except UnicodeEncodeError:
            raise Rejected("This is not valid Unicode text.", "Write it again.") from None
        return await self._send(request)

    async def _send(self, request: httpx.Request) -> dict[str, Any]:
        for pause in (*REPEATS, None):
            try:
                return _read(await self._http.send(request))
            except httpx.HTTPError:
                if pause is None:
                    self._unreachable()
                await asyncio.sleep(pause)
        raise AssertionError  # the loop ends by returning or raising

    def _unreachable(self) -> NoReturn:
        raise Unreachable(
            f"Nothing answers at {self.url}.", "Start Threadwork with: threadwork up (or set THREADWORK_HTTP)."
        ) from None


def _task(task_id: str, what: str = "") -> str:
    return f"/api/tasks/{quote(task_id, safe='')}" + (f"/{what}" if what else "")


def _read(response: httpx.Response) -> dict[str, Any]:
    """The body of a good answer; a refusal becomes the error that says so."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.is_success and isinstance(body, dict):
        return body
    said = body if isinstance(body, dict) else {}
    detail = str(said.get("detail") or f"{response.url.host}:{response.url.port} answered {response.status_code}.")
    raise (NotFound if response.status_code == 404 else Rejected)(detail, str(said.get("hint") or ""))
