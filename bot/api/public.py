"""The server that goes behind a proxy: what brings its own signature, and nothing else."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from threadwork.bot.api.errors import Shield, problem, tell_errors
from threadwork.bot.api.guard import SIGNED, bounded, too_large
from threadwork.bot.api.health import Health

ALIVE = "/healthz"  # load balancers send nobody to a server without it; it shows nothing


def create_public_app(routers: Sequence[APIRouter]) -> FastAPI:
    """`routers`: those of the chat platforms. Nothing connects here."""
    app = FastAPI(title="Threadwork", openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False  # an address made of whatever Host a stranger sent
    app.add_api_route(ALIVE, Health, methods=["GET"])
    for router in routers:
        app.include_router(router)
    tell_errors(app)
    app.add_middleware(SignedOnly)
    app.add_middleware(Shield)  # added last: outermost
    return app


class SignedOnly:
    """Whatever is mounted below, other paths are not there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        there = scope["path"] == ALIVE or scope["path"].startswith(SIGNED)
        refusal = too_large(Headers(scope=scope)) if there else _nothing_here()
        if refusal:
            await refusal(scope, receive, send)
            return
        await self._app(scope, bounded(receive), send)


def _nothing_here() -> ASGIApp:
    return problem(404, "not_found", "There is nothing under this path.", "This address serves signed requests only.")
