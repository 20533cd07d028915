"""The JSON API: the real app on memory and on SQLite, through its ASGI door and over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from tests.fake_run import AGENT, ANN, Front
from tests.sqlite_file import migrated
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot import texts
from threadwork.bot.api.app import create_app
from threadwork.bot.api.site import Site
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import Access
from threadwork.workflows.approval_events import HumanApprovalIgnored
from threadwork.workflows.calls import Message
from threadwork.workflows.events import Chunk, Hint
from threadwork.workflows.run_events import IterationStarted, WorkflowCompleted, WorkflowPaused
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import LOCAL, Status, Termination, digest

BASE = "http://localhost:8000"


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield MemoryStore()
        return
    database = Database(migrated(tmp_path / "threadwork.db"))
    yield SqlStore(database)
    await database.close()


@pytest.fixture
async def front(store: Any) -> AsyncIterator[Front]:
    front = Front(store)
    async with intake_running(front.intake_worker):
        yield front


@asynccontextmanager
async def calling(
    front: Front, site: Site | None = None, address: str = "127.0.0.1"
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(front.ports, site), client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
async def api(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(front) as client:
        yield client


@pytest.fixture
async def server(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    """The app behind a real socket."""
    app = create_app(front.ports)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False, verify=False
    ) as client:
        client.app = app  # type: ignore[attr-defined]
        yield client
    app.state.streams.close()
    server.should_exit = True
    await serving


class Sse:
    """Server-sent events as a browser reads them: `(id, event, data)`; comments as `(None, "comment", text)`."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str | None, str, Any]:
        async with asyncio.timeout(30):
            while True:
                block = await self._block()
                if block.get("data"):
                    return block.get("id"), block["event"], json.loads(block["data"])
                if "" in block:
                    return None, "comment", block[""]

    async def _block(self) -> dict[str, str]:
        block: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                return block
            name, _, value = line.partition(":")
            block[name] = value.strip()
        raise AssertionError("the stream ended")


def is_problem(answer: httpx.Response, status: int, error: str) -> dict[str, str]:
    assert (answer.status_code, set(answer.json())) == (status, {"error", "detail", "hint"}), answer.text
    assert answer.json()["error"] == error
    assert "Traceback" not in answer.text
    found: dict[str, str] = answer.json()
    return found


async def begun(front: Front, task_id: str) -> None:
    """Wait until the task's run has begun."""
    async with asyncio.timeout(30):
        while not (await front.store.tasks.get(task_id)).last_seq:
            await asyncio.sleep(0.01)


# --- tasks -----------------------------------------------------------------------------------------------


async def test_a_new_task_is_written_down_and_started(front: Front, api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/tasks", json={"goal": "Do it.", "model": "openai/gpt-5-mini", "budget": 0.25})
    assert answer.status_code == 201
    task_id = answer.json()["task_id"]
    order = await front.store.tasks.order(task_id)
    assert (order.goal, order.model, order.budget_usd, order.by) == ("Do it.", "openai/gpt-5-mini", 0.25, LOCAL)
    await begun(front, task_id)
    assert front.fake_run.calls == [("start", task_id)]


async def test_a_repeat_under_the_same_key_is_the_same_task(front: Front, api: httpx.AsyncClient) -> None:
    answers = [
        await api.post("/api/tasks", json={"goal": "Do it."}, headers={"Idempotency-Key": "k1"}) for _ in range(3)
    ]
    assert {(answer.status_code, answer.json()["task_id"]) for answer in answers} == {
        (201, answers[0].json()["task_id"])
    }
    assert len((await api.get("/api/tasks")).json()["tasks"]) == 1


async def test_the_same_key_for_another_goal_is_refused(api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    await api.post("/api/tasks", json={"goal": "Do it."}, headers=headers)
    is_problem(await api.post("/api/tasks", json={"goal": "Do that."}, headers=headers), 422, "invalid")


async def test_without_a_key_every_post_is_a_task_of_its_own(api: httpx.AsyncClient) -> None:
    ids = {(await api.post("/api/tasks", json={"goal": "Do it."})).json()["task_id"] for _ in range(3)}
    assert len(ids) == 3


async def test_a_task_is_taken_even_while_temporal_is_away(front: Front, api: httpx.AsyncClient) -> None:
    front.fake_run.away = True
    assert (await api.post("/api/tasks", json={"goal": "Do it."})).status_code == 201


async def test_tasks_are_listed_newest_first_and_only_open_ones_if_asked(front: Front, api: httpx.AsyncClient) -> None:
    ids = [await front.task(f"Goal {number}", begun=False) for number in range(3)]
    front.intake_worker.wake()
    for task_id in ids:
        await begun(front, task_id)
    ended = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED)
    await front.fake_run.tell(ids[1], ended, status=Status.COMPLETED)
    listed = (await api.get("/api/tasks")).json()["tasks"]
    assert [task["task_id"] for task in listed] == ids[::-1]
    assert (listed[1]["status"], listed[1]["reason"], listed[1]["goal"]) == ("completed", "goal_achieved", "Goal 1")
    still = (await api.get("/api/tasks", params={"open": 1})).json()["tasks"]
    assert [task["task_id"] for task in still] == [ids[2], ids[0]]
    assert len((await api.get("/api/tasks", params={"limit": 1})).json()["tasks"]) == 1


async def test_what_a_task_delegated_is_listed_under_it_only(front: Front, api: httpx.AsyncClient) -> None:
    parent = await front.task("Lead.", begun=False)
    order = TaskOrder(goal="Follow.", by=LOCAL, parent=parent, depth=1)
    child = await front.store.runs.delegate("1.1", order)
    listed = (await api.get("/api/tasks")).json()["tasks"]
    below = (await api.get("/api/tasks", params={"parent": parent})).json()["tasks"]
    assert [task["task_id"] for task in listed] == [parent]
    assert [(task["task_id"], task["parent"]) for task in below] == [(child, parent)]
    assert (await api.get("/api/tasks", params={"parent": parent[:8]})).json()["tasks"] == below
    assert (await api.get("/api/tasks", params={"parent": "no-such"})).status_code == 404


async def test_a_task_is_read_with_its_thread_and_whole_texts(front: Front, api: httpx.AsyncClient) -> None:
    goal = "Do it. " * 100
    task_id = await front.task(goal)
    await begun(front, task_id)
    await front.store.transcript.put(
        task_id, Message(ref="a:1", kind="assistant", body={"role": "assistant", "content": "The whole answer."})
    )
    ended = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED, answer="The…", answer_ref="a:1")
    await front.fake_run.tell(task_id, ended, status=Status.COMPLETED)
    read = (await api.get(f"/api/tasks/{task_id[:8]}")).json()
    assert (read["task"]["task_id"], read["task"]["status"]) == (task_id, "completed")
    assert (read["thread"]["status"]["agent"], read["thread"]["seq"]) == ("default", 2)
    assert [card["kind"] for card in read["thread"]["cards"]] == ["answer"]
    assert read["texts"] == {"goal": goal.strip(), "a:1": "The whole answer."}


async def test_a_task_that_has_not_begun_is_read_too(front: Front, api: httpx.AsyncClient) -> None:
    front.fake_run.away = True
    task_id = await front.task(begun=False)
    read = (await api.get(f"/api/tasks/{task_id}")).json()
    assert (read["task"]["status"], read["thread"]["seq"], read["texts"]) == ("queued", 0, {})


@pytest.mark.parametrize("path", ["", "/events", "/events?follow=0"])
async def test_an_unknown_task_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    is_problem(await api.get(f"/api/tasks/t-none{path}"), 404, "not_found")


async def test_a_beginning_that_several_tasks_share_is_not_found(front: Front, api: httpx.AsyncClient) -> None:
    for _ in range(2):
        await front.task(begun=False)
    told = is_problem(await api.get("/api/tasks/t"), 404, "not_found")
    assert "Several" in told["detail"]


@pytest.mark.parametrize(
    ("body", "status", "error", "word"),
    [
        ({"goal": "  "}, 422, "invalid", "The goal is empty"),
        ({}, 422, "invalid", "goal"),
        ({"goal": 5}, 422, "invalid", "goal"),
        ({"goal": "x", "budgt": 1}, 422, "invalid", "budgt: there is no such field"),
        ({"goal": "x", "budget": -1}, 422, "invalid", "budget"),
        ({"goal": "x", "budget": "a lot"}, 422, "invalid", "budget"),
        ({"goal": "x", "budget": 1e12}, 422, "invalid", "budget"),
        ({"goal": "x", "budget": True}, 422, "invalid", "budget"),
        ({"goal": "x", "budget": "0.5"}, 422, "invalid", "budget"),
        ({"goal": "\u200b\u2060\ufeff \u3164"}, 422, "invalid", "The goal is empty"),
        ({"goal": "x", "agent": "a" * 201}, 422, "invalid", "agent"),
        ({"goal": "x", "model": "a" * 201}, 422, "invalid", "model"),
        ({"goal": "x", "agent": "nobody"}, 404, "not_found", "nobody"),
        ({"goal": "a\x00b"}, 422, "invalid", "NUL"),
        ({"goal": "x" * (texts.TEXT_LIMIT + 1)}, 413, "too_large", "1,000,001 bytes"),
        ([], 422, "invalid", "body"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_with_a_sentence(
    api: httpx.AsyncClient, body: Any, status: int, error: str, word: str
) -> None:
    assert word in is_problem(await api.post("/api/tasks", json=body), status, error)["detail"]
    assert (await api.get("/api/tasks")).json()["tasks"] == []


@pytest.mark.parametrize("body", [b"{", b'{"goal": "a\xff"}', b"\x00", b'{"goal": NaN, }'])
async def test_a_body_that_is_no_json_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.post("/api/tasks", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, 400, "bad_request")


@pytest.mark.parametrize(
    "body",
    [
        b'{"goal": "x", "budget": NaN}',
        b'{"goal": "x", "budget": Infinity}',
        b'{"goal": "\\ud800"}',
        b'{"goal": "a", "agent": "\\ud800"}',
        b'{"goal": "a", "model": "\\udfff"}',
        b'{"goal": "a", "\\ud800": 1}',
    ],
)
async def test_values_that_json_should_not_hold_are_refused(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.post("/api/tasks", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, 422, "invalid")


async def test_a_text_of_a_megabyte_is_taken_however_it_is_escaped(front: Front, api: httpx.AsyncClient) -> None:
    goal = "ä" * (texts.TEXT_LIMIT // 2)
    answer = await api.post("/api/tasks", json={"goal": goal})
    assert answer.status_code == 201
    assert (await front.store.tasks.order(answer.json()["task_id"])).goal == goal


async def test_an_agent_that_is_not_for_everybody_is_refused(store: Any) -> None:
    front = Front(store, AGENT.model_copy(update={"access": Access(run=("slack:T1:U1",))}))
    async with calling(front) as api:
        is_problem(await api.post("/api/tasks", json={"goal": "Do it."}), 403, "forbidden")


# --- clicks ----------------------------------------------------------------------------------------------


@pytest.fixture
async def task_id(front: Front) -> str:
    task_id = await front.task(begun=False)
    front.intake_worker.wake()
    await begun(front, task_id)
    return task_id


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("pause", {"reason": "lunch"}, "Paused: "),
        ("pause", None, "Paused: "),
        ("resume", {}, "Resumed: "),
        ("stop", {"reason": "enough", "up_to": "m1"}, "Stopped: "),
        ("replies", {"text": "And then?"}, "Your reply was received."),
        ("approvals/3", {"decision": "approve", "digest": "d", "scope": "task"}, "Allowed for this task: "),
        ("approvals/3", {"decision": "deny", "reason": "no"}, "Denied: "),
        ("questions/1", {"answer": "staging"}, "Your answer was received: “staging”."),
        ("budget", {"add_usd": 0.5, "add_tokens": 10}, "The budget of “Do it.” is "),
    ],
)
async def test_every_click_is_answered_with_its_outcome(
    api: httpx.AsyncClient, task_id: str, path: str, body: Any, detail: str
) -> None:
    answer = await api.post(f"/api/tasks/{task_id[:9]}/{path}", **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted"), answer.text
    assert answer.json()["detail"].startswith(detail)


async def test_a_click_to_which_nothing_happens_is_recorded(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    front.fake_run.silent = True
    answer = await api.post(f"/api/tasks/{task_id}/pause")
    assert (answer.status_code, answer.json()["outcome"]) == (202, "recorded")


async def test_a_refused_click_says_who_was_first(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    front.fake_run.silent = True
    why = "Allowed already by Ann at 12:00 UTC."
    click = asyncio.create_task(
        api.post(f"/api/tasks/{task_id}/approvals/3", json={"decision": "deny"}, headers={"Idempotency-Key": "k1"})
    )
    await front.fake_run.heard("decide_approval")
    await front.fake_run.tell(task_id, HumanApprovalIgnored(approval_id="3", by=ANN, click_id="k1", reason=why))
    assert is_problem(await click, 409, "refused")["detail"] == why


async def test_a_click_after_the_end_is_too_late(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    await front.fake_run.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.fake_run.running.clear()
    assert "Too late" in is_problem(await api.post(f"/api/tasks/{task_id}/stop"), 409, "refused")["detail"]


async def test_a_repeated_click_counts_once(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    answers = [await api.post(f"/api/tasks/{task_id}/pause", headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.json()["detail"] for answer in answers] == ["Paused: “Do it.”."] * 2
    assert front.fake_run.signals() == ["pause_execution"]


async def test_edited_arguments_are_stored_and_named_by_their_digest(
    front: Front, api: httpx.AsyncClient, task_id: str
) -> None:
    arguments = {"path": "a.txt", "count": 2}
    await api.post(f"/api/tasks/{task_id}/approvals/3", json={"decision": "approve", "arguments": arguments})
    click = front.fake_run.calls[-1][3]
    assert click.digest == digest(arguments)
    stored = await front.store.transcript.get(task_id, click.edited_ref)
    assert json.loads(stored.body["content"]) == arguments


async def test_a_long_answer_is_stored_whole(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    await api.post(f"/api/tasks/{task_id}/questions/1", json={"answer": "x" * 10_000})
    click = front.fake_run.calls[-1][3]
    assert (await front.store.transcript.get(task_id, click.ref)).body["content"] == "x" * 10_000


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("replies", {"text": " "}, "The reply is empty"),
        ("approvals/3", {"decision": "maybe"}, "decision"),
        ("approvals/3", {"decision": "approve", "arguments": [1]}, "arguments"),
        ("approvals/3", {"decision": "deny", "arguments": {}}, "denial"),
        ("approvals/3", {"decision": "approve", "scope": "ever"}, "scope"),
        ("questions/1", {"answer": ""}, "The answer is empty"),
        ("budget", {}, "add something"),
        ("budget", {"add_usd": -1}, "add_usd"),
        ("budget", {"add_tokens": 1.5}, "add_tokens"),
        ("pause", {"raeson": "x"}, "raeson: there is no such field"),
    ],
)
async def test_a_click_that_makes_no_sense_is_refused(
    front: Front, api: httpx.AsyncClient, task_id: str, path: str, body: Any, word: str
) -> None:
    assert word in is_problem(await api.post(f"/api/tasks/{task_id}/{path}", json=body), 422, "invalid")["detail"]
    assert front.fake_run.signals() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("stop", '{"up_to": "\\ud800"}'),
        ("stop", '{"up_to": "\\u0000"}'),
        ("stop", '{"up_to": "%s"}' % ("x" * 201)),
        ("pause", '{"reason": "\\ud800"}'),
        ("pause", '{"reason": "%s"}' % ("x" * 2_001)),
        ("approvals/3", '{"decision": "approve", "digest": "\\udc00"}'),
        ("approvals/3", '{"decision": "approve", "digest": "%s"}' % ("x" * 201)),
        ("approvals/3", '{"decision": "approve", "arguments": {"a": ["\\ud800"]}}'),
        ("approvals/" + "3" * 201, '{"decision": "approve"}'),
        ("approvals/%00", '{"decision": "approve"}'),
        ("questions/" + "1" * 201, '{"answer": "x"}'),
        ("questions/1", '{"answer": "\\ud800"}'),
        ("replies", '{"text": "\\ud800"}'),
        ("replies", '{"text": "\\u200b"}'),
        ("budget", '{"add_usd": true}'),
        ("budget", '{"add_usd": "0.5"}'),
        ("budget", '{"add_tokens": "5"}'),
    ],
)
async def test_a_click_that_nothing_could_carry_is_refused_at_the_door(
    front: Front, api: httpx.AsyncClient, task_id: str, path: str, body: str
) -> None:
    headers = {"Content-Type": "application/json"}
    is_problem(await api.post(f"/api/tasks/{task_id}/{path}", content=body, headers=headers), 422, "invalid")
    assert await front.store.intake.lease("test", 100, 60) == []
    assert front.fake_run.signals() == []


async def test_a_whole_number_of_dollars_is_a_number(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/tasks", json={"goal": "x", "budget": 1})).status_code == 201


async def test_a_key_that_is_none_is_refused(api: httpx.AsyncClient, task_id: str) -> None:
    answer = await api.post(f"/api/tasks/{task_id}/pause", headers={"Idempotency-Key": "x" * 500})
    is_problem(answer, 422, "invalid")


@pytest.mark.parametrize("path", ["pause", "resume", "stop"])
async def test_a_click_on_an_unknown_task_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    is_problem(await api.post(f"/api/tasks/t-none/{path}"), 404, "not_found")


# --- what is here, and who is let in -----------------------------------------------------------------------


async def test_agents_and_what_runs_here_are_told(front: Front) -> None:
    async with calling(front, Site(temporal_ui="http://127.0.0.1:8080")) as api:
        agents = (await api.get("/api/agents")).json()["agents"]
        about = (await api.get("/api/about")).json()
    assert agents == [{"name": "default", "description": "Helps with anything", "model": "demo/scripted"}]
    assert about.pop("version")
    assert about == {
        "model": "demo/scripted",
        "agents": ["default"],
        "demo": True,
        "temporal_ui": "http://127.0.0.1:8080",
        "console": None,
    }


async def test_whoever_brings_the_token_from_beyond_is_another_person(front: Front) -> None:
    async with calling(front, Site(token="s3cret"), address="192.0.2.7") as api:
        is_problem(await api.post("/api/tasks", json={"goal": "Do it."}), 401, "unauthorized")
        answer = await api.post("/api/tasks", json={"goal": "x"}, headers={"Authorization": "Bearer s3cret"})
    assert (await front.store.tasks.order(answer.json()["task_id"])).by.platform == "api"


async def test_a_post_from_another_site_has_no_effect(front: Front, api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/tasks", json={"goal": "x"}, headers={"Origin": "https://evil.example"})
    is_problem(answer, 403, "forbidden")
    assert (await api.get("/api/tasks")).json()["tasks"] == []


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/api/tasks", 405)])
async def test_a_path_that_is_not_there_is_told_in_the_same_shape(
    api: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert set((await api.request(method, path)).json()) == {"error", "detail", "hint"}
    assert (await api.request(method, path)).status_code == status


class Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def list(self, which: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [(ValueError("secret-goal"), 500, "failed"), (OSError("secret-dsn"), 503, "unavailable")],
)
async def test_what_nobody_expected_is_answered_without_insides(
    error: Exception, status: int, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    front = Front()
    object.__setattr__(front.ports, "tasks", Broken(error))
    async with calling(front) as api:
        answer = await api.get("/api/tasks")
    is_problem(answer, status, name)
    printed = capsys.readouterr()
    assert "secret" not in answer.text + printed.out + printed.err
    assert "request_failed" in printed.out + printed.err


async def test_the_openapi_document_describes_everything(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    assert set(document["paths"]) == {
        "/api/tasks",
        "/api/tasks/{task_id}",
        "/api/tasks/{task_id}/events",
        "/api/tasks/{task_id}/pause",
        "/api/tasks/{task_id}/resume",
        "/api/tasks/{task_id}/stop",
        "/api/tasks/{task_id}/replies",
        "/api/tasks/{task_id}/approvals/{approval_id}",
        "/api/tasks/{task_id}/questions/{question_id}",
        "/api/tasks/{task_id}/budget",
        "/api/agents",
        "/api/about",
        "/api/grants",
        "/api/grants/{grant_id}",
        "/api/link",
        "/healthz",
        "/readyz",
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} says nothing of itself"
            for status, answer in operation["responses"].items():
                assert status[0] != "4" or answer["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    for name in (
        "NewTask",
        "NewReply",
        "Decision",
        "NewAnswer",
        "Increase",
        "StopOrder",
        "Control",
        "Taken",
        "LinkOrder",
    ):
        assert document["components"]["schemas"][name]["examples"], f"{name} has no example"


# --- events ------------------------------------------------------------------------------------------------


async def test_what_is_stored_so_far_is_a_list(front: Front, api: httpx.AsyncClient, task_id: str) -> None:
    await front.fake_run.tell(task_id, *(IterationStarted(number=number) for number in range(2, 2_501)))
    events = (await api.get(f"/api/tasks/{task_id}/events", params={"follow": 0})).json()["events"]
    assert [event["seq"] for event in events] == list(range(1, 2_501))
    assert set(events[0]) == {"task_id", "seq", "type", "at", "iteration", "data"}
    rest = (await api.get(f"/api/tasks/{task_id}/events", params={"follow": 0, "after": 2_499})).json()["events"]
    assert [event["seq"] for event in rest] == [2_500]


async def test_a_task_without_events_has_an_empty_list(front: Front, api: httpx.AsyncClient) -> None:
    front.fake_run.away = True
    task_id = await front.task(begun=False)
    assert (await api.get(f"/api/tasks/{task_id}/events?follow=0")).json() == {"events": []}


@pytest.mark.parametrize("sent", ["x", "-1", "1.5", "9" * 30])
async def test_a_last_event_id_that_is_no_number_is_refused(api: httpx.AsyncClient, task_id: str, sent: str) -> None:
    answer = await api.get(f"/api/tasks/{task_id}/events", headers={"Last-Event-ID": sent})
    is_problem(answer, 422, "invalid")


async def test_events_stream_as_they_happen(front: Front, server: httpx.AsyncClient, task_id: str) -> None:
    async with server.stream("GET", f"/api/tasks/{task_id[:9]}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        sse = Sse(answer)
        number, kind, data = await sse.next()
        assert (number, kind, data["seq"], data["type"]) == ("1", "workflow.started", 1, "workflow.started")
        await front.fake_run.tell(task_id, WorkflowPaused(by=LOCAL))
        assert (await sse.next())[:2] == ("2", "workflow.paused")


async def test_live_text_has_no_id(front: Front, server: httpx.AsyncClient, task_id: str) -> None:
    async with server.stream("GET", f"/api/tasks/{task_id}/events") as answer:
        sse = Sse(answer)
        await sse.next()
        chunk = Chunk(task_id=task_id, call_id="1.2", attempt=1, text="Hel\nlo")
        await front.bus.publish(Hint(task_id=task_id, chunk=chunk))
        assert await sse.next() == (
            None,
            "llm_call.chunk",
            {
                "task_id": task_id,
                "type": "llm_call.chunk",
                "data": {"call_id": "1.2", "attempt": 1, "text": "Hel\nlo"},
            },
        )


@pytest.mark.parametrize(("headers", "params"), [({"Last-Event-ID": "2"}, {"after": "1"}), ({}, {"after": "2"})])
async def test_a_stream_resumes_where_it_broke_off(
    front: Front, server: httpx.AsyncClient, task_id: str, headers: dict[str, str], params: dict[str, str]
) -> None:
    await front.fake_run.tell(task_id, *(IterationStarted(number=number) for number in (2, 3, 4)))
    async with server.stream("GET", f"/api/tasks/{task_id}/events", headers=headers, params=params) as answer:
        sse = Sse(answer)
        assert [(await sse.next())[0] for _ in range(2)] == ["3", "4"]


async def test_a_stream_goes_on_after_the_end_of_the_task(
    front: Front, server: httpx.AsyncClient, task_id: str
) -> None:
    async with server.stream("GET", f"/api/tasks/{task_id}/events?after=1") as answer:
        sse = Sse(answer)
        ended = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED)
        await front.fake_run.tell(task_id, ended, status=Status.COMPLETED)
        assert (await sse.next())[1] == "workflow.completed"
        await front.fake_run.tell(task_id, IterationStarted(number=2))
        assert (await sse.next())[1] == "iteration.started"


async def test_a_silent_stream_gives_signs_of_life(front: Front, server: httpx.AsyncClient, task_id: str) -> None:
    server.app.state.streams._beat = 0.05  # type: ignore[attr-defined]
    async with server.stream("GET", f"/api/tasks/{task_id}/events?after=1") as answer:
        assert (await Sse(answer).next())[1] == "comment"


async def test_a_client_that_is_gone_is_noticed(front: Front, server: httpx.AsyncClient, task_id: str) -> None:
    streams = server.app.state.streams  # type: ignore[attr-defined]
    async with server.stream("GET", f"/api/tasks/{task_id}/events") as answer:
        await Sse(answer).next()
        assert streams.open == 1
    async with asyncio.timeout(30):
        while streams.open:
            await asyncio.sleep(0.01)


async def test_many_streams_of_one_task_all_see_everything(
    front: Front, server: httpx.AsyncClient, task_id: str
) -> None:
    async def read() -> list[str | None]:
        async with server.stream("GET", f"/api/tasks/{task_id}/events") as answer:
            sse = Sse(answer)
            return [(await sse.next())[0] for _ in range(21)]

    readers = [asyncio.create_task(read()) for _ in range(10)]
    for number in range(2, 22):
        await front.fake_run.tell(task_id, IterationStarted(number=number))
    assert await asyncio.gather(*readers) == [[str(number) for number in range(1, 22)]] * 10
