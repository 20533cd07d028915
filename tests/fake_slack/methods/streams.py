"""chat.*Stream: a message that is written bit by bit, and dies after some minutes."""

import time
from typing import Any

from tests.fake_slack.call import Call
from tests.fake_slack.state import Message

Json = dict[str, Any]
CHUNKS = {
    "markdown_text": {"text"},
    "task_update": {"id", "title"},
    "plan_update": {"title"},
    "blocks": {"blocks"},
}  # type, and what it needs


def start(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not call.get(name):
                raise call.breach(f"{name} is needed in channels.", f"missing_{name}")
    message = call.world.state.add(
        team=call.team.id,
        channel=channel.id,
        user=call.team.bot_user,
        bot_id=call.team.bot_id,
        thread_ts=call.thread(channel),
        text=_written(call),
        streaming=time.time(),
    )
    call.touched(message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    message = _streaming(call)
    if not call.get("chunks") and not call.get("markdown_text"):
        raise call.breach("there is nothing to append.", "no_text")
    version = call.world.state.version(message.text + _written(call), message.blocks)
    call.world.state.change(message, versions=(*message.versions, version))
    return {"channel": message.channel, "ts": message.ts}


def stop(call: Call) -> Json:
    message = _streaming(call)
    text = message.text + _written(call)
    blocks = call.blocks(call.get("blocks", []), "message")
    shown = [{"type": "markdown", "text": text}, *blocks] if text and blocks else blocks
    version = call.world.state.version(text, shown)
    metadata = call.metadata() or message.metadata
    call.world.state.change(message, versions=(*message.versions, version), streaming=None, metadata=metadata)
    return {"channel": message.channel, "ts": message.ts}


def _streaming(call: Call) -> Message:
    message = call.message(call.channel(), call.get("ts"))
    call.touched(message)
    if message.streaming is None or time.time() - message.streaming > call.world.settings.stream_seconds:
        raise call.refusal("message_not_in_streaming_state")
    return message


def _written(call: Call) -> str:
    text = call.get("markdown_text", "")
    if len(text) > 12_000:
        raise call.breach("markdown_text takes 12,000 characters.", "msg_blocks_too_long")
    for chunk in call.get("chunks", []):
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if kind not in CHUNKS or not CHUNKS[kind] <= chunk.keys():
            raise call.breach(f"{chunk!r:.100} is no chunk.", "invalid_chunks")
        text += chunk.get("text", "") if kind == "markdown_text" else f"\n{chunk.get('title', '')}"
    return str(text)


METHODS = {"chat.startStream": start, "chat.appendStream": append, "chat.stopStream": stop}
