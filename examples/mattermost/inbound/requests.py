"""What Mattermost posts to us: the slash command, buttons, dialogs. Each is answered in the response itself."""

import json
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from examples.mattermost.inbound.clicks import Clicks
from examples.mattermost.inbound.command import Form, slash_command
from examples.mattermost.inbound.context import Context
from examples.mattermost.posts import PLATFORM
from examples.mattermost.responses import refused
from examples.mattermost.settings import MattermostSettings
from threadwork.adapters.chat.background import ODD
from threadwork.adapters.chat.tally import Tally
from threadwork.workflows.errors import ThreadworkError

Json = dict[str, Any]
Handle = Callable[[bytes], Awaitable[Json]]


class StrangerError(Exception):
    """The command's own token is not in it."""


class Requests:
    """What went wrong is told to the person. Who is not Mattermost is told nothing (401); what reads badly is a 400."""

    def __init__(self, context: Context, settings: MattermostSettings) -> None:
        self._context, self._token = context, settings.mattermost_command_token.get_secret_value()
        self._refused = Tally("mattermost_requests_refused")
        clicks = Clicks(context, settings)
        self.router = APIRouter(prefix=f"/{PLATFORM}", include_in_schema=False)
        handles = {"command": self._command, "buttons": _reading(clicks.button), "dialogs": _reading(clicks.dialog)}
        for path, handle in handles.items():
            self.router.add_api_route(f"/{path}", self._route(handle), methods=["POST"])

    def close(self) -> None:
        self._refused.close()

    def _route(self, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await handle(await request.body()))
            except StrangerError:
                return self._refuse(401, "wrong token")
            except ODD:
                return self._refuse(400, "not readable")

        return answer

    def _refuse(self, status: int, why: str) -> Response:
        self._refused.add(why)
        return Response(status_code=status)

    async def _command(self, body: bytes) -> Json:
        """Raises `StrangerError`."""
        form = parse_qs(body.decode())
        if not compare_digest(form.get("token", [""])[0].encode(), self._token.encode()):
            raise StrangerError
        told = await self._typed(form)
        return {"response_type": "ephemeral", "text": told} if told else {}

    async def _typed(self, form: Form) -> str:
        people = self._context.people
        try:
            author = await people.who(form["user_id"][0])
            direct = await people.is_direct(form["channel_id"][0])
        except ThreadworkError as error:
            return refused(error)
        return await self._context.told(slash_command(form, author.name, direct))


def _reading(handle: Callable[[Json], Awaitable[Json]]) -> Handle:
    async def read(body: bytes) -> Json:
        said = json.loads(body)
        if not isinstance(said, dict):
            raise ValueError("no object")
        return await handle(said)

    return read
