"""Hands payloads over to the app: over a socket, or by signed POST; again where nobody acknowledged."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.fake_slack.journal import Attempt, Delivery, Journal
from tests.fake_slack.settings import Settings
from tests.fake_slack.sockets import SocketLost, Sockets

Json = dict[str, Any]


class Carrier:
    def __init__(self, settings: Settings, journal: Journal, sockets: Sockets) -> None:
        self.settings = settings
        self._journal = journal
        self._sockets = sockets
        self._turns = itertools.count()
        self._session: aiohttp.ClientSession | None = None

    @property
    def listened_to(self) -> bool:
        """False: no app has ever been there, so that nothing is worth carrying."""
        return bool(self.settings.request_urls) or self._sockets.ever

    async def deliver(self, kind: str, type_: str, team: str, payload: Json) -> Delivery:
        """Returns once it was acknowledged, or given up."""
        delivery = self._journal.deliver(kind, type_, team, payload)
        copies = range(1, 3 if self.settings.twice else 2)
        await asyncio.gather(*(self._copy(delivery, number) for number in copies))
        return delivery

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _copy(self, delivery: Delivery, number: int) -> None:
        by_post = bool(self.settings.request_urls)
        again = not by_post or delivery.kind == "events_api"  # Slack posts a command or click once only
        for retry in range(self.settings.retries + 1 if again else 1):
            if retry:
                await asyncio.sleep(self.settings.retry_gap)
            attempt = await (self._post(delivery, retry) if by_post else self._send(delivery, retry))
            delivery.attempts.append(attempt.model_copy(update={"copy_number": number, "retry": retry}))
            if attempt.acked:
                return

    async def _send(self, delivery: Delivery, retry: int) -> Attempt:
        started, at = time.monotonic(), time.time()
        socket = await self._sockets.next(self.settings.ack_seconds)
        if socket is None:
            return Attempt(via="", at=at, ms=_ms(started), problem="no socket is open")
        envelope = _envelope(delivery, retry)
        self._sockets.sent(envelope["envelope_id"])
        via = str(socket.number)
        try:
            body = await socket.hand_over(envelope, self.settings.ack_seconds)
        except (SocketLost, TimeoutError) as error:
            return Attempt(via=via, at=at, ms=_ms(started), problem=type(error).__name__)
        return Attempt(via=via, at=at, ms=_ms(started), acked=True, body=body)

    async def _post(self, delivery: Delivery, retry: int) -> Attempt:
        """To the next URL; where nobody listens there, to the one after, as a balancer would."""
        urls = self.settings.request_urls
        first = next(self._turns)
        for turn in range(len(urls)):
            attempt = await self._posted(urls[(first + turn) % len(urls)], delivery, retry)
            if attempt.problem != "refused":
                break
        return attempt

    async def _posted(self, url: str, delivery: Delivery, retry: int) -> Attempt:
        started, at = time.monotonic(), time.time()
        raw, headers = self._signed(delivery, retry)
        self._session = self._session or aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        timeout = aiohttp.ClientTimeout(total=self.settings.ack_seconds)
        try:
            async with self._session.post(url, data=raw, headers=headers, timeout=timeout) as answer:
                text = await answer.text()
        except aiohttp.ClientConnectorError:
            return Attempt(via=url, at=at, ms=_ms(started), problem="refused")
        except (TimeoutError, aiohttp.ClientError) as error:
            return Attempt(via=url, at=at, ms=_ms(started), problem=type(error).__name__)
        acked = 200 <= answer.status < 300
        return Attempt(via=url, at=at, ms=_ms(started), acked=acked, status=answer.status, body=_body(text))

    def _signed(self, delivery: Delivery, retry: int) -> tuple[bytes, dict[str, str]]:
        type_, raw = WRITTEN[delivery.kind](delivery.payload)
        stamp = str(int(time.time()))
        digest = hmac.new(self.settings.signing_secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256)
        headers = {
            "Content-Type": type_,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
            "User-Agent": "Slackbot 1.0",
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return raw.encode(), headers


def _envelope(delivery: Delivery, retry: int) -> Json:
    envelope = {
        "envelope_id": str(uuid.uuid4()),
        "type": delivery.kind,
        "accepts_response_payload": delivery.kind != "events_api",
        "payload": delivery.payload,
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
    return envelope


def _form(payload: Json) -> tuple[str, str]:
    fields = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in payload.items()
        if value is not None
    }
    return "application/x-www-form-urlencoded", urlencode(fields)


WRITTEN: dict[str, Callable[[Json], tuple[str, str]]] = {
    "slash_commands": _form,
    "interactive": lambda payload: ("application/x-www-form-urlencoded", urlencode({"payload": json.dumps(payload)})),
    "events_api": lambda payload: ("application/json", json.dumps(payload)),
}


def _body(text: str) -> Json:
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) else {"text": text}


def _ms(started: float) -> float:
    return (time.monotonic() - started) * 1_000
