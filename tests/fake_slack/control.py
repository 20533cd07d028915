"""The test's own door: act as a person, look, and change the fake's habits."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from tests.fake_slack.faults import Fault, Faults
from tests.fake_slack.forms import Impossible
from tests.fake_slack.recorded_messages import Recordings
from tests.fake_slack.screens import Screens
from tests.fake_slack.seed_data import Channel
from tests.fake_slack.settings import Settings
from tests.fake_slack.user_actions import Acts
from tests.fake_slack.world import World

Json = dict[str, Any]
FAULTS = TypeAdapter(list[Fault])


class Control:
    """The world may be replaced at any time: `begin` makes a new one."""

    def __init__(self) -> None:
        self.world = World(Settings())

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/act/{name}", self._act),
            web.post("/control/see/{name}", self._see),
            web.post("/control/change/{name}", self._change),
            web.post("/control/begin", self._begin),
        ]

    async def _begin(self, request: web.Request) -> web.Response:
        """Forget everything; these settings from now on."""
        try:
            settings = Settings.model_validate(await request.json())
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        old, self.world = self.world, World(settings)
        await old.end()
        return web.json_response({})

    async def _act(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        doer = Acts(self.world) if hasattr(Acts, name) else Recordings(self.world)
        return await _done(getattr(doer, name), await request.json())

    async def _see(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        seen = getattr(Screens(self.world), name, None) or getattr(self, f"_see_{name}")
        return await _done(seen, await request.json())

    async def _change(self, request: web.Request) -> web.Response:
        return await _done(getattr(self, f"_change_{request.match_info['name']}"), await request.json())

    def _see_calls(self) -> list[Json]:
        return [call.model_dump(mode="json") for call in self.world.journal.calls]

    def _see_violations(self) -> list[Json]:
        return [violation.model_dump() for violation in self.world.journal.violations]

    def _see_deliveries(self) -> list[Json]:
        return [delivery.model_dump(mode="json") for delivery in self.world.journal.deliveries]

    def _see_defects(self) -> list[str]:
        return self.world.journal.defects

    def _see_sockets(self) -> int:
        return len(self.world.sockets.open)

    def _see_sessions(self) -> list[Json]:
        return [session.model_dump() for session in self.world.state.sessions.values()]

    def _change_faults(self, faults: list[Json]) -> None:
        self.world.faults = Faults(FAULTS.validate_python(faults))

    def _change_settings(self, **changes: Any) -> None:
        """Without forgetting anything; what sockets and rates were made with stays."""
        self.world.settings = Settings.model_validate({**self.world.settings.model_dump(), **changes})
        self.world.carrier.settings = self.world.settings

    def _change_channel(self, id: str, **changes: Any) -> None:
        """Any field of `Channel`; unknown ids make a new one."""
        old = self.world.state.channels.get(id)
        given = {**(old.model_dump() if old else {"id": id, "team": "T1"}), **changes}
        self.world.state.channels[id] = Channel.model_validate(given)

    def _change_code(self, team: str) -> str:
        return self.world.tokens.code(team)

    def _change_revoked(self, team: str) -> list[str]:
        return self.world.tokens.revoke(team)

    async def _change_cut(self, politely: bool = False) -> None:
        if politely:
            await self.world.sockets.dismiss()
        else:
            self.world.sockets.cut()


async def _done(work: Callable[..., Any | Awaitable[Any]], arguments: Json) -> web.Response:
    try:
        made = work(**arguments)
        return web.json_response(await made if inspect.isawaitable(made) else made)
    except (Impossible, TypeError, KeyError, ValueError) as error:
        raise web.HTTPConflict(text=f"{type(error).__name__}: {error}") from error
