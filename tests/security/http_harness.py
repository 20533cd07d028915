"""A whole bot for attacks on its doors, with Slack over HTTP; nothing of it needs Temporal to be there."""

import asyncio
import hashlib
import hmac
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from threadwork.bot.embedded.ports_in_use import free_port
from threadwork.bot.service import run_bot
from threadwork.bot.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"
COMMAND = (
    b"command=%2Fagent&text=run+x&user_id=U1&user_name=ann&channel_id=C1&channel_name=ops&team_id=T1&trigger_id=1.1"
    b"&response_url=http%3A%2F%2F127.0.0.1%3A9%2F"
)
FORM = "application/x-www-form-urlencoded"


def settings_of(home: Path, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        threadwork_home=home,
        threadwork_http=f"127.0.0.1:{free_port()}",
        temporal_server_url=f"127.0.0.1:{free_port()}",
        **more,
    )


def short_home() -> "tempfile.TemporaryDirectory[str]":
    """A socket's path has little room."""
    return tempfile.TemporaryDirectory(prefix="tw")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """The bot, for as long as the block lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_bot(settings, stop))
    try:
        async with asyncio.timeout(60), caller(settings.http_url) as client:
            while not task.done() and not await _answers(client):
                await asyncio.sleep(0.05)
        yield
    finally:
        stop.set()
        await task


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


def caller(url: str, **more: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=10, **more)


def signed(body: bytes, secret: str = SECRET, stamp: str | None = None, kind: str = FORM) -> dict[str, str]:
    """The headers with which Slack sends a body."""
    stamp = str(int(time.time())) if stamp is None else stamp
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
