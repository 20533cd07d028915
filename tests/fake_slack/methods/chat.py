"""chat.*: messages. Each post that succeeds makes a message: Slack does not recognise a repeat."""

import time
from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.call import Call

Json = dict[str, Any]


def post(call: Call) -> Json:
    channel = call.channel()
    message = call.world.state.add(
        team=call.team.id,
        channel=channel.id,
        user=call.team.bot_user,
        bot_id=call.team.bot_id,
        thread_ts=call.thread(channel),
        broadcast=bool(call.get("reply_broadcast")),
        metadata=call.metadata(),
        **call.content(),
    )
    call.touched(message)
    call.world.echo.posted(message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": shapes.message(call.world.state, message, metadata=True),
    }


def post_ephemeral(call: Call) -> Json:
    channel, user = call.channel(), call.get("user")
    if user not in channel.members:
        raise call.refusal("user_not_in_channel")
    message = call.world.state.add(
        team=call.team.id,
        channel=channel.id,
        user=call.team.bot_user,
        bot_id=call.team.bot_id,
        thread_ts=call.thread(channel),
        visible_to=user,
        **call.content(),
    )
    call.touched(message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Text and blocks are replaced together; metadata stays unless it is given."""
    channel = call.channel()
    message = call.message(channel, call.get("ts"))
    if message.bot_id != call.team.bot_id:
        raise call.refusal("cant_update_message")
    if message.streaming is not None:
        raise call.refusal("streaming_state_conflict")
    version = call.world.state.version(**call.content())
    metadata = call.metadata() if "metadata" in call.arguments else message.metadata
    changed = call.world.state.change(message, versions=(*message.versions, version), metadata=metadata)
    call.touched(changed)
    call.world.echo.changed(message, changed)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": changed.text,
        "message": shapes.message(call.world.state, changed, metadata=True),
    }


def delete(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, call.get("ts"))
    if message.bot_id != call.team.bot_id:
        raise call.refusal("cant_delete_message")
    call.touched(call.world.state.change(message, deleted_at=time.time()))
    call.world.echo.deleted(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(call: Call) -> Json:
    channel = call.channel(archived=True)
    message = call.message(channel, call.get("message_ts"))
    link = f"{shapes.BASE['url']}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


METHODS = {
    "chat.postMessage": post,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
}
