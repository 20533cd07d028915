"""What the app says about an interaction later, by its token."""

import time
from typing import Any

from tests.fake_discord.answers import refused
from tests.fake_discord.call import Call
from tests.fake_discord.interactions import Interaction
from tests.fake_discord.posting import changed, posted
from tests.fake_discord.routes.responses import about
from tests.fake_discord.shapes import message
from tests.fake_discord.state import LOADING, Message

Json = dict[str, Any]


def execute_webhook(call: Call) -> Json:
    """A follow-up. The first one after a deferral takes the waiting message's place, and its visibility."""
    found = _interaction(call)
    waiting = call.world.state.messages.get(found.original)
    if waiting and waiting.has(LOADING) and not waiting.deleted:
        return message(call.world.state, changed(call, waiting, call.body))
    made = posted(call, call.body, found.channel, **about(call, found, call.body))
    found.messages.append(made.id)
    return message(call.world.state, made)


def get(call: Call) -> Json:
    return message(call.world.state, _message(call))


def update(call: Call) -> Json:
    return message(call.world.state, changed(call, _message(call), call.body))


def delete(call: Call) -> None:
    found = _message(call)
    call.touched(found.id)
    call.world.events.deleted(call.world.state.change(found, deleted_at=time.time()))


def _interaction(call: Call) -> Interaction:
    return call.world.interactions.later(call.path["webhook_id"], call.path["webhook_token"])


def _message(call: Call) -> Message:
    """One that came of the interaction; without an id the original, which may be the clicked one."""
    found = _interaction(call)
    id_ = call.path.get("message_id") or found.original
    there = call.world.state.messages.get(id_)
    if there is None or there.deleted or id_ not in (found.original, *found.messages):
        raise refused(10_008)
    return there


TABLE = {
    "execute_webhook": execute_webhook,
    "get_original_webhook_message": get,
    "get_webhook_message": get,
    "update_original_webhook_message": update,
    "update_webhook_message": update,
    "delete_original_webhook_message": delete,
    "delete_webhook_message": delete,
}
