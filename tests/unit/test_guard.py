"""Who is let in."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from threadwork.bot.api import guard
from threadwork.bot.api.errors import tell_errors
from threadwork.bot.api.guard import Guard

LOCAL_HOST = "localhost:8000"


async def whoami(request: Request) -> JSONResponse:
    principal = getattr(request.state, "principal", None)
    return JSONResponse({"who": principal and principal.platform, "size": len(await request.body())})


def app() -> Any:
    paths = ("/api/x", "/healthz", "/slack/events")
    app: Any = Starlette(routes=[Route(path, whoami, methods=["GET", "POST"]) for path in paths])
    tell_errors(app)
    return app


def client(address: str = "127.0.0.1", token: str | None = None, host: str = LOCAL_HOST) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Guard(app(), token), client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.5", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "threadwork.localhost"])
async def test_this_machine_needs_no_token_where_none_is_set(address: str, host: str) -> None:
    answer = await client(address, host=host).get("/api/x")
    assert answer.json()["who"] == "local"


@pytest.mark.parametrize("token", ["s3cret", None])
async def test_from_beyond_a_token_is_needed(token: str | None) -> None:
    answer = await client("192.0.2.7", token).get("/api/x")
    assert answer.status_code == 401
    assert set(answer.json()) == {"error", "detail", "hint"}
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.7"])
@pytest.mark.parametrize("path", ["/api/x", "/openapi.json"])
async def test_a_token_that_is_set_is_asked_of_everybody(address: str, path: str) -> None:
    answer = await client(address, "s3cret").get(path)
    assert (answer.status_code, answer.json()["detail"]) == (401, "A token is needed.")


async def test_where_no_token_is_set_the_hint_names_the_variable() -> None:
    assert guard.TOKEN_VARIABLE in (await client("192.0.2.7", token=None).get("/api/x")).json()["hint"]


async def test_the_right_token_lets_in_from_beyond_under_any_host_name() -> None:
    answer = await client("192.0.2.7", "s3cret", host="agents.example.com").get(
        "/api/x", headers={"Authorization": "Bearer s3cret"}
    )
    assert answer.json()["who"] == "api"


@pytest.mark.parametrize("address", ["192.0.2.7", "127.0.0.1"])
@pytest.mark.parametrize("sent", ["wrong", "", "s3cret2", "schlüssel"])
async def test_a_wrong_token_is_refused_wherever_it_comes_from(address: str, sent: str) -> None:
    headers = {"Authorization": f"Bearer {sent}".encode()}
    assert (await client(address, "s3cret").get("/api/x", headers=headers)).status_code == 401


async def test_an_empty_token_never_fits_a_server_without_one() -> None:
    assert (await client(token=None).get("/api/x", headers={"Authorization": "Bearer "})).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"]
)
async def test_a_foreign_host_name_that_leads_here_is_refused(host: str) -> None:
    answer = await client(host=host).get("/api/x")
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", "http://[", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_a_page_of_another_site_sends_is_refused(origin: str, method: str) -> None:
    answer = await client().request(method, "/api/x", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


async def test_our_own_page_is_let_in() -> None:
    answer = await client().post("/api/x", headers={"Origin": f"http://{LOCAL_HOST}"}, json={})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "Via",
        "CF-Connecting-IP",
        "CF-Ray",
        "CDN-Loop",
        "True-Client-IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "X-Original-Forwarded-For",
        "X-Original-Host",
        "X-Envoy-External-Address",
        "X-Amzn-Trace-Id",
        "X-ARR-LOG-ID",
        "Fastly-Client-IP",
        "Akamai-Origin-Hop",
        "X-Cloud-Trace-Context",
        "Tailscale-User-Login",
    ],
)
async def test_whoever_comes_through_a_proxy_on_this_machine_is_not_of_this_machine(header: str) -> None:
    answer = await client().get("/api/x", headers={header: "127.0.0.1"})
    assert answer.status_code == 401
    assert header.lower() in answer.json()["detail"]


async def test_what_asks_to_close_as_nginx_does_is_not_of_this_machine() -> None:
    answer = await client().get("/api/x", headers={"Connection": "TE, close"})
    assert (answer.status_code, "Connection: close" in answer.json()["detail"]) == (401, True)


@pytest.mark.parametrize(("version", "status"), [("1.0", 401), ("1.1", 200)])
async def test_http_1_0_is_what_proxies_speak(version: str, status: int) -> None:
    async def older(scope: Any, receive: Any, send: Any) -> None:
        await Guard(app())({**scope, "http_version": version}, receive, send)

    transport = httpx.ASGITransport(older)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{LOCAL_HOST}") as caller:
        assert (await caller.get("/api/x")).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/slack/events"])
async def test_probes_and_what_is_signed_itself_need_no_token(path: str) -> None:
    assert (await client("192.0.2.7", "s3cret", host="10.0.0.3").get(path)).json()["who"] is None


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_that_is_not_json_is_refused(kind: str) -> None:
    answer = await client().post("/api/x", headers={"Content-Type": kind}, content=b'{"a": 1}')
    assert answer.status_code == 415


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
async def test_a_body_in_json_is_taken(kind: str) -> None:
    answer = await client().post("/api/x", headers={"Content-Type": kind}, content=b'{"a": 1}')
    assert answer.json()["size"] == 8


async def test_a_post_without_a_body_needs_no_content_type() -> None:
    assert (await client().post("/api/x")).status_code == 200


async def test_a_body_that_says_it_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_LIMIT", 10)
    answer = await client().post("/api/x", json={"text": "more than ten"})
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_a_body_that_does_not_say_its_length_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_LIMIT", 10)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"12345"

    answer = await client().post("/api/x", headers={"Content-Type": "application/json"}, content=pieces())
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
