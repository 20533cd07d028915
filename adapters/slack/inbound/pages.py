"""A person's own page of the app."""

import structlog

from adapters.slack.inbound.context import Desk
from adapters.slack.inbound.payload import Payload, Reach
from adapters.slack.modals.home import home
from workflows.errors import ThreadworkError
from workflows.values import Principal

log = structlog.get_logger(__name__)


async def publish(desk: Desk, payload: Payload, by: Principal, reach: Reach) -> None:
    """The page carries where its person is reached: clicks on it do not tell."""
    page = home(await desk.listener.home(by), desk.link)
    view = {**page, "private_metadata": reach.packed()}
    try:
        await desk.web.call(payload.token, "views.publish", user_id=by.user_id, view=view)
    except ThreadworkError as error:
        log.info("slack_home_not_shown", why=str(error))
