"""chat.*: messages. Each post that succeeds makes a message: Slack does not recognise a repeat."""

import time
from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.call import Call

Json = dict[str, Any]


def post(call: Call) -> Json:
    channel = call.channel()
    if call.get("unfurl_links") or call.get("unfurl_media"):
        call.note("chat.postMessage: Slack would fetch every address in it, also those that a model wrote.")
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
    """Text and blocks are replaced together; metadata and files stay unless they are given. A file is shared by it."""
    channel = call.channel()
    message = call.message(channel, call.get("ts"))
    if message.bot_id != call.team.bot_id:
        raise call.refusal("cant_update_message")
    if message.streaming is not None:
        raise call.refusal("streaming_state_conflict")
    version = call.world.state.version(**call.content())
    metadata = call.metadata() if "metadata" in call.arguments else message.metadata
    files = _files(call) if "file_ids" in call.arguments else message.files
    changed = call.world.state.change(message, versions=(*message.versions, version), metadata=metadata, files=files)
    call.touched(changed)
    call.world.echo.changed(message, changed)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": changed.text,
        "message": shapes.message(call.world.state, changed, metadata=True),
    }


def _files(call: Call) -> tuple[str, ...]:
    """Files of the app's own workspace whose upload was completed."""
    ids = [id_ for id_ in call.get("file_ids") or () if id_]
    known = call.world.state.files
    if any(id_ not in known or not known[id_].done or known[id_].team != call.team.id for id_ in ids):
        raise call.refusal("file_not_found")
    return tuple(ids)


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
