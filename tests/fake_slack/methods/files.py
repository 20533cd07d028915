"""files.*: uploads in three steps, and what is known of a file."""

import mimetypes
from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.call import Call
from tests.fake_slack.state import File

Json = dict[str, Any]


def upload_url(call: Call) -> Json:
    if call.get("length") < 1:
        raise call.breach("length must be at least one byte.", "missing_argument")
    state, name = call.world.state, call.get("filename")
    file = File(
        id=state.number("F"),
        team=call.team.id,
        name=name,
        size=call.get("length"),
        user=call.team.bot_user,
        mimetype=mimetypes.guess_type(name)[0] or "text/plain",
    )
    state.files[file.id] = file
    return {"upload_url": f"{shapes.BASE['url']}/upload/v1/{file.id}", "file_id": file.id}


def complete(call: Call) -> Json:
    """Shared in a channel only where one is named. It gives no `ts` back, as in Slack."""
    state = call.world.state
    found = [(_uploaded(call, given), given) for given in call.get("files")]
    done = [file.model_copy(update={"done": True, "title": given.get("title") or file.name}) for file, given in found]
    places = [place for place in (call.get("channel_id"), *call.get("channels", "").split(",")) if place]
    shared = [Call(call.world, call.number, call.method, call.team, call.arguments | {"at": at}) for at in places]
    for share in shared:
        channel = share.channel("at")
        message = state.add(
            team=call.team.id,
            channel=channel.id,
            user=call.team.bot_user,
            bot_id=call.team.bot_id,
            thread_ts=share.thread(channel),
            text=call.get("initial_comment", ""),
            blocks=call.blocks(call.get("blocks", []), "message"),
            files=tuple(file.id for file in done),
        )
        call.touched(message)
        call.world.echo.posted(message)
    state.files.update({file.id: file for file in done})
    return {"files": [shapes.file(file) for file in done]}


def info(call: Call) -> Json:
    file = call.world.state.files.get(call.get("file"))
    if file is None or file.team != call.team.id or not file.done:
        raise call.refusal("file_not_found")
    return {"file": shapes.file(file, asked=True), "comments": [], "response_metadata": {"next_cursor": ""}}


def _uploaded(call: Call, given: Any) -> File:
    file = call.world.state.files.get(given.get("id", "")) if isinstance(given, dict) else None
    if file is None or file.content is None or file.team != call.team.id:
        raise call.refusal("file_not_found")
    return file


METHODS = {
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": complete,
    "files.info": info,
}
