"""A server that speaks the JSON API and plays a short story: plan, question, two approvals, answer, reply."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.approval_events import (
    HumanApprovalReceived,
    HumanApprovalRequested,
    QuestionAnswered,
    QuestionAsked,
)
from threadwork.workflows.budget_events import BudgetIncreased
from threadwork.workflows.call_events import LlmCallCompleted, LlmCallStarted, ToolCallCompleted
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.event_types import Payload
from threadwork.workflows.events import Event
from threadwork.workflows.run_events import (
    FollowUpReceived,
    IterationCompleted,
    IterationStarted,
    PlanItem,
    PlanUpdated,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowContinued,
    WorkflowPaused,
    WorkflowResumed,
    WorkflowStarted,
)
from threadwork.workflows.values import LOCAL, Principal, Status, Termination, Usage

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
OPTIONS = ("Short", "Formal")
LONG_ANSWER = "# Result\n\nAll **good**.\n\n" + "word " * 100 + "\n\nLAST LINE"
ANNA = Principal(platform="slack", workspace="T1", user_id="U1", name="Anna")


class FakeTask:
    def __init__(self, task_id: str, goal: str) -> None:
        self.task_id = task_id
        self.goal = goal
        self.events: list[Event] = []
        self.chunks: list[dict[str, Any]] = []
        self.texts: dict[str, str] = {}
        self.iteration = 0

    def emit(self, *payloads: Payload) -> None:
        for payload in payloads:
            number = len(self.events) + 1
            self.events.append(
                Event(
                    task_id=self.task_id,
                    seq=number,
                    type=payload.type,
                    at=START + timedelta(seconds=number),
                    iteration=self.iteration,
                    data=payload.model_dump(mode="json", exclude_defaults=True),
                )
            )

    def chunk(self, text: str, call_id: str = "1.3", attempt: int = 1) -> None:
        self.chunks.append({"call_id": call_id, "attempt": attempt, "text": text})

    @property
    def view(self) -> ThreadView:
        view = ThreadView(task_id=self.task_id)
        for event in self.events:
            view = thread.apply(view, event)
        return view

    def record(self) -> dict[str, Any]:
        view = self.view
        return {
            "task_id": self.task_id,
            "goal": self.goal,
            "agent": "default",
            "by": LOCAL.model_dump(),
            "status": view.status.status if self.events else Status.QUEUED,
            "last_seq": view.seq,
            "iteration": self.iteration,
            "usd": view.status.usd,
            "created_at": START.isoformat(),
            "updated_at": START.isoformat(),
        }

    # --- the story ---

    def begin(self) -> None:
        self.emit(
            WorkflowStarted(
                goal=self.goal,
                goal_ref="goal",
                agent="default",
                model="demo/scripted",
                by=LOCAL,
                max_iterations=50,
                usd_limit=0.1,
            )
        )
        self.iteration = 1
        self.emit(IterationStarted(number=1), LlmCallStarted(call_id="1.3", model="demo/scripted"))
        self.chunk("Let me ")
        self.chunk("think")
        self.emit(
            LlmCallCompleted(
                call_id="1.3",
                model="demo/scripted",
                usage=Usage(prompt=10, completion=5),
                cost_usd=0.02,
                text="I plan.",
            ),
            PlanUpdated(items=(PlanItem(text="Look", state="done"), PlanItem(text="Write", state="doing"))),
            QuestionAsked(question_id="1", question="Which style?", options=OPTIONS),
        )

    def ask(self, number: int) -> None:
        self.emit(
            HumanApprovalRequested(
                approval_id=str(number),
                tool="notes.write_note",
                arguments_preview='{"name": "a.md"}',
                arguments_ref=f"args:{number}",
                digest=f"digest{number}",
                effect="destructive",
                why="To keep it.",
                expires_at=START + timedelta(days=1),
            )
        )

    def finish(self, answer: str = LONG_ANSWER) -> None:
        ref = f"answer:{len(self.events)}"
        self.texts[ref] = answer
        self.emit(
            IterationCompleted(number=self.iteration),
            WorkflowCompleted(
                reason=Termination.GOAL_ACHIEVED,
                answer=answer if len(answer) < 400 else answer[:399] + "…",
                answer_ref=ref,
            ),
        )


class FakeApi:
    """`posts`: what was asked, in order, as (path, body, idempotency key)."""

    def __init__(self) -> None:
        self.tasks: dict[str, FakeTask] = {}
        self.posts: list[tuple[str, dict[str, Any], str]] = []
        self.url = ""
        self.server: uvicorn.Server  # the one that serves it at the moment
        self.break_after: int | None = None  # events after which a line breaks; each new line tells one old event again
        self.lines = 0  # event streams opened so far
        self.resumed_from: list[str | None] = []
        self.hold: set[str] = set()  # goals that stay queued

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/api/about")(self._about)
        app.get("/api/agents")(self._agents)
        app.get("/api/tasks")(self._list)
        app.post("/api/tasks")(self._create)
        app.get("/api/tasks/{task_id}")(self._page)
        app.get("/api/tasks/{task_id}/events")(self._events)
        app.post("/api/tasks/{task_id}/{what:path}")(self._act)
        return app

    async def _about(self) -> dict[str, Any]:
        return {"version": "0", "model": "demo/scripted", "agents": ["default"], "demo": True}

    async def _agents(self) -> dict[str, Any]:
        return {"agents": [{"name": "default", "description": "Helps", "model": "demo/scripted"}]}

    async def _list(self, open: int = 0, limit: int = 50, parent: str = "") -> dict[str, Any]:
        if parent:
            return {"tasks": [task.record() for task in self.tasks.values() if task.goal == f"For {parent}"]}
        tasks = [task for task in reversed(self.tasks.values()) if not (open and task.view.status.status.ended)]
        return {"tasks": [task.record() for task in tasks[:limit]]}

    async def _create(self, request: Request) -> Response:
        body, key = await request.json(), request.headers.get("idempotency-key", "")
        self.posts.append(("", body, key))
        task_id = f"t{key[:8]}"
        if task_id not in self.tasks:
            task = self.tasks[task_id] = FakeTask(task_id, body["goal"])
            if body["goal"] not in self.hold:
                task.begin()
        return JSONResponse({"task_id": task_id}, 201)

    async def _page(self, task_id: str) -> Response:
        task = self._find(task_id)
        if task is None:
            return _missing(task_id)
        view = task.view.model_dump(mode="json")
        return JSONResponse({"task": json.loads(json.dumps(task.record())), "thread": view, "texts": task.texts})

    async def _events(self, task_id: str, request: Request, follow: int = 1) -> Response:
        task = self._find(task_id)
        if task is None:
            return _missing(task_id)
        if not follow:
            return JSONResponse({"events": [event.model_dump(mode="json") for event in task.events]})
        self.lines += 1
        self.resumed_from.append(request.headers.get("last-event-id"))
        after = int(request.headers.get("last-event-id") or 0)
        return StreamingResponse(self._told(task, after), media_type="text/event-stream")

    async def _told(self, task: FakeTask, after: int) -> AsyncIterator[str]:
        yield ": hello\n\n"
        told, seq, chunks = 0, max(0, after - 1) if self.break_after else after, 0
        while True:
            for chunk in task.chunks[chunks:]:
                data = json.dumps({"task_id": task.task_id, "type": "llm_call.chunk", "data": chunk})
                yield f"event: llm_call.chunk\ndata: {data}\n\n"
            chunks = len(task.chunks)
            for event in task.events[seq:]:
                yield f"id: {event.seq}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"
                seq, told = event.seq, told + 1
                if self.break_after and told >= self.break_after:
                    return
            await asyncio.sleep(0.02)

    async def _act(self, task_id: str, what: str, request: Request) -> Response:
        task = self._find(task_id)
        if task is None:
            return _missing(task_id)
        body, key = await request.json(), request.headers.get("idempotency-key", "")
        self.posts.append((what, body, key))
        repeated = [post for post in self.posts[:-1] if post[2] == key]
        refused = None if repeated else self._do(task, what, body)
        if refused:
            return JSONResponse({"error": "refused", "detail": refused, "hint": "Look at the thread."}, 409)
        return JSONResponse({"outcome": "accepted", "detail": f"Taken: {what}."})

    def _do(self, task: FakeTask, what: str, body: dict[str, Any]) -> str | None:
        kind, _, number = what.partition("/")
        pending = [card for card in task.view.cards if getattr(card, "state", "") in ("pending", "open")]
        if kind == "questions":
            task.emit(QuestionAnswered(question_id=number, answer=body["answer"], by=LOCAL))
            task.ask(1)
        elif kind == "approvals":
            if not any(card.key == f"approval:{number}" for card in pending):
                return "Allowed already by Anna at 09:12 UTC."
            task.emit(
                HumanApprovalReceived(
                    approval_id=number,
                    decision=body["decision"],
                    scope=body.get("scope") or "once",
                    by=LOCAL,
                    reason=body.get("reason", ""),
                    click_id="c",
                )
            )
            if body["decision"] == "deny":
                task.ask(int(number) + 1)
            else:
                task.emit(
                    ToolCallCompleted(call_id="1.9", tool="notes.write_note", output_preview="ok"),
                )
                task.finish()
        elif kind == "replies":
            task.emit(FollowUpReceived(message_id="m", by=LOCAL, preview=body["text"], ref="f"))
            if task.view.status.status.ended:
                task.emit(WorkflowContinued(reason="follow_up", model="demo/scripted", max_iterations=100))
                task.finish("Second answer.")
        elif kind == "pause":
            task.emit(WorkflowPaused(by=LOCAL, reason=body.get("reason", "")))
        elif kind == "resume":
            if not task.view.paused:
                return "It is not paused."
            task.emit(WorkflowResumed(by=LOCAL))
        elif kind == "stop":
            task.emit(WorkflowCancelled(by=LOCAL, reason=body.get("reason", "")))
        elif kind == "budget":
            task.emit(BudgetIncreased(by=LOCAL, click_id="c", usd_limit=0.1 + body["add_usd"], max_iterations=50))
        return None

    def _find(self, prefix: str) -> FakeTask | None:
        return next((task for task in self.tasks.values() if task.task_id.startswith(prefix)), None)


def _missing(task_id: str) -> Response:
    return JSONResponse({"error": "not_found", "detail": f"There is no task {task_id}.", "hint": "List them."}, 404)


@contextmanager
def serving(api: FakeApi, port: int = 0) -> Iterator[FakeApi]:
    """The server, in a thread, on a free port unless one is named."""
    config = uvicorn.Config(api.app(), port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    api.server = server
    thread_ = threading.Thread(target=server.run)
    thread_.start()
    while not server.started:
        time.sleep(0.01)
    api.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.should_exit = server.force_exit = True
        thread_.join()
