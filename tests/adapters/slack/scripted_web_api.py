"""A Web API that answers what it is told, for what the fake Slack does not do on demand. Counts every call."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Json = dict[str, Any]
LOST = web.Response(status=598)  # stands for a connection that is cut instead of an answer


def answer(status: int = 200, headers: dict[str, str] | None = None, **body: Any) -> web.Response:
    return web.json_response({"ok": False, **body}, status=status, headers=headers)


def fine(**body: Any) -> web.Response:
    return web.json_response({"ok": True, **body})


class Scripted:
    """`answers`: by method, in order; after them, and where there are none, all is well."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        self.tokens: list[str] = []
        self.answers: dict[str, list[web.Response]] = {}
        self._ts = 0

    @property
    def counts(self) -> Counter[str]:
        return Counter(method for method, _ in self.calls)

    def of(self, method: str) -> list[Json]:
        return [arguments for called, arguments in self.calls if called == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls.append((method, await _arguments(request)))
        self.tokens.append(request.headers.get("Authorization", ""))
        prepared = self.answers.get(method)
        given = prepared.pop(0) if prepared else self._usual(method)
        if given is LOST:
            assert request.transport
            request.transport.abort()
        return given

    def _usual(self, method: str) -> web.Response:
        self._ts += 1
        ts = f"1700000000.{self._ts:06d}"
        return fine(
            ts=ts,
            message={"ts": ts, "thread_ts": "1.0"},
            upload_url=self.url.replace("/api/", "/upload"),
            file_id="F1",
            files=[{"id": "F1", "permalink": "https://acme.example/files/F1"}],
            usergroups=[{"id": "S1", "handle": "oncall", "users": ["U1", "U2"]}],
            messages=[],
            bot_id="B1",
            user_id="UBOT",
        )

    async def upload(self, request: web.Request) -> web.Response:
        self.calls.append(("upload", {"content": (await request.read()).decode(errors="surrogateescape")}))
        return web.Response(text="OK")


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        body: Json = await request.json()
        return body
    return {**request.query, **await request.post()}


@asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    slack = Scripted()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.handle)
    app.router.add_post("/upload", slack.upload)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    try:
        yield slack
    finally:
        await runner.cleanup()
