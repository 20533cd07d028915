"""A person's own page of the app."""

import structlog

from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.modals.home import home
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.values import Principal

log = structlog.get_logger(__name__)


async def publish(context: Context, payload: Payload, by: Principal, reach: Reach) -> None:
    """The page carries where its person is reached: clicks on it do not tell."""
    page = home(await context.views.home(by), context.link)
    view = {**page, "private_metadata": reach.packed()}
    try:
        await context.web.call(payload.token, "views.publish", user_id=by.user_id, view=view)
    except ThreadworkError as error:
        log.info("slack_home_not_shown", why=str(error))
