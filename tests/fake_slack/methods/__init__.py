"""The methods of the Web API: one table."""

from collections.abc import Callable
from typing import Any

from tests.fake_slack.call import Call
from tests.fake_slack.methods import agents, apps, chat, conversations, files, people, reactions, streams, views

Handler = Callable[[Call], dict[str, Any]]

TABLE: dict[str, Handler] = {
    **agents.METHODS,
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **reactions.METHODS,
    **streams.METHODS,
    **views.METHODS,
}
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.open": "im:write",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.info": "files:read",
    "users.info": "users:read",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "conversations.list": "channels:read",
    "conversations.info": "channels:read",
    "conversations.members": "channels:read",
    "agents.sessions.setStatus": "chat:write",
    "agents.sessions.rename": "chat:write",
}  # method and the scope it needs; conversations.* in private channels and direct ones need their own, not checked
