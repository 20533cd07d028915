"""What is a person's own: on the app's Home, or as a message to that person alone."""

import asyncio

import structlog

from threadwork.adapters.slack.api.errors import Refused
from threadwork.adapters.slack.cards.blocks import context as context_lines
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.modals.home import home, home_message
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.values import Principal

OFF, ON = "not_enabled", "hash_conflict"  # Slack's words for a Home that is switched off, and for one that has changed
NO_VIEW = "none"  # the hash of no view: what is published under it replaces nothing
HOME_TIMEOUT = 1.0  # seconds for the look whether there is a Home: the form opens after it, within three

log = structlog.get_logger(__name__)


async def publish(context: Context, payload: Payload, by: Principal, reach: Reach) -> None:
    """The page carries where its person is reached: clicks on it do not tell."""
    page = home(await context.views.home(by), context.link)
    view = {**page, "private_metadata": reach.model_copy(update={"home": True}).packed()}
    try:
        await context.web.call(payload.token, "views.publish", user_id=by.user_id, view=view)
    except ThreadworkError as error:
        log.info("slack_home_not_shown", why=str(error))


async def has_home(context: Context, payload: Payload, user: str) -> bool:
    """Whether the app's Home is switched on in this workspace. Slack tells by how it refuses a page, and is asked once;
    where it does not tell, there is one."""
    if payload.team not in context.home_tabs:
        code = await _refusal(context, payload, user)
        if code not in ("", OFF, ON):
            return True
        context.home_tabs[payload.team] = code != OFF
    return context.home_tabs[payload.team]


async def _refusal(context: Context, payload: Payload, user: str) -> str:
    """Slack's word for why it does not take a page that is to replace nothing; empty where it takes it."""
    view = {"type": "home", "blocks": context_lines("Open this page again to see what is yours.")}
    try:
        async with asyncio.timeout(HOME_TIMEOUT):
            await context.web.call(payload.token, "views.publish", user_id=user, view=view, hash=NO_VIEW)
    except (ThreadworkError, TimeoutError) as error:
        return error.code if isinstance(error, Refused) else type(error).__name__
    return ""


async def show_home(context: Context, payload: Payload, source: MessageSource, reach: Reach) -> None:
    """Where there is no Home."""
    page = await context.views.home(source.by, source)
    await context.tell(payload, reach, Response(text="", home=page))


async def redraw(context: Context, source: MessageSource, reach: Reach, said: Response) -> bool:
    """The message that a click was made on, as it is now, under what the click came to. False: it cannot be."""
    page = home_message(await context.views.home(source.by, source), context.link, said)
    try:
        await context.web.respond(reach.response_url, {**page, "replace_original": True})
    except ThreadworkError as error:
        log.info("slack_home_not_shown", why=str(error))
        return False
    return True
