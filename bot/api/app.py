"""The HTTP server of the bot process."""

from fastapi import FastAPI

from threadwork.bot.api import acts, events, grants, health, link, tasks
from threadwork.bot.api.errors import Shield, tell_errors
from threadwork.bot.api.guard import Guard
from threadwork.bot.api.site import Site
from threadwork.bot.api.streams import Streams
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads

DESCRIPTION = """Durable agents that work in chat threads.

Where a token is set, send `Authorization: Bearer <token>`; where none is, only this machine is allowed.
Bodies are JSON. Errors are `{error, detail, hint}`. An `Idempotency-Key` makes a repeat harmless."""


def create_app(ports: BotDependencies, site: Site | None = None) -> FastAPI:
    """The app: API, health, OpenAPI document. Nothing connects here.

    `app.state.streams.close()` ends the open event streams; call it before the server shuts down."""
    app = FastAPI(
        title="Threadwork",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
    )
    app.router.redirect_slashes = False  # an address made of whatever Host a stranger sent
    app.state.ports, app.state.site = ports, site or Site()
    app.state.threads = Threads(ports.events, ports.views, ports.transcript)
    app.state.streams = Streams(ports.events, ports.bus)
    # In this order: routes are made ready when they are first asked, and a platform waits for three seconds.
    for router in (*app.state.site.routers, *(part.router for part in (tasks, acts, grants, events, link, health))):
        app.include_router(router)
    tell_errors(app)
    app.add_middleware(Guard, token=app.state.site.token)
    app.add_middleware(Shield)  # added last: outermost
    return app
