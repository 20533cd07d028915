"""agents.sessions.*: the state of an agent that Slack itself shows in a thread."""

from typing import Any

from tests.fake_slack.call import Call
from tests.fake_slack.state import Session

STATUSES = {"processing", "active", "suspended", "closed"}


def set_status(call: Call) -> dict[str, Any]:
    channel, thread = _place(call)
    status = call.get("status")
    if status not in STATUSES:
        raise call.breach(f"{status!r} is no status.", "invalid_status")
    old = call.world.state.sessions.get((channel, thread))
    title = old.title if old else call.get("title", "")
    call.world.state.sessions[channel, thread] = Session(channel=channel, thread_ts=thread, status=status, title=title)
    return {"status": status, "agent_status": status, "title": title}


def rename(call: Call) -> dict[str, Any]:
    channel, thread = _place(call)
    session = call.world.state.sessions.get((channel, thread))
    if session is None:
        raise call.refusal("session_not_found")
    title = call.get("title")
    call.world.state.sessions[channel, thread] = session.model_copy(update={"title": title})
    return {"title": title}


def _place(call: Call) -> tuple[str, str]:
    channel = call.channel("channel_id")
    if not call.get("thread_ts"):
        raise call.breach("thread_ts is needed here.", "thread_ts_required")
    return channel.id, call.thread(channel)


METHODS = {"agents.sessions.setStatus": set_status, "agents.sessions.rename": rename}
