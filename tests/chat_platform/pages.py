"""Reading a channel or a thread page by page, as Slack's clients do."""

from typing import Any

from tests.chat_platform.answers import Interrupted, breach
from tests.chat_platform.contract import History, Replies
from tests.chat_platform.state import Message, Workspace

AFTER = "after:"  # what a cursor begins with


class Reader:
    """Gives at most `most` messages a page, whatever the client asks for."""

    def __init__(self, workspace: Workspace, with_marks: bool, most: int) -> None:
        self._workspace = workspace
        self._with_marks = with_marks
        self._most = most

    def history(self, body: History) -> dict[str, Any]:
        """Root messages, newest first."""
        self._workspace.enter(body.channel)
        roots = [m for m in self._messages(body.channel, "") if m.id > body.oldest]
        return self._page(roots[::-1], body)

    def replies(self, body: Replies) -> dict[str, Any]:
        """The replies of a thread, oldest first; its root stands first on every page, as in Slack."""
        self._workspace.enter(body.channel)
        root = self._workspace.root(body.channel, body.thread)
        replies = [m for m in self._messages(body.channel, body.thread) if m.id > body.oldest]
        page = self._page(replies, body)
        return {**page, "messages": [self._shown(root), *page["messages"]]}

    def _messages(self, channel: str, thread: str) -> list[Message]:
        messages = self._workspace.messages.values()
        return [m for m in messages if (m.channel, m.thread) == (channel, thread) and not m.deleted]

    def _page(self, messages: list[Message], body: History) -> dict[str, Any]:
        rest = _after(messages, body.cursor)
        page = rest[: min(body.limit, self._most)]
        more = len(rest) > len(page)
        cursor = f"{AFTER}{page[-1].id}" if more else ""
        return {"messages": [self._shown(m) for m in page], "has_more": more, "next_cursor": cursor}

    def _shown(self, message: Message) -> dict[str, Any]:
        now = message.versions[-1]
        shown = {"id": message.id, "thread": message.thread, "text": now.text, "blocks": now.blocks}
        return {**shown, "mark": message.mark} if self._with_marks and message.mark else shown


def _after(messages: list[Message], cursor: str) -> list[Message]:
    """What follows the message the cursor names; deleted meanwhile, it still has its place."""
    if not cursor:
        return messages
    if not cursor.startswith(AFTER):
        raise Interrupted(breach("invalid_cursor", f"The cursor {cursor!r} was never given out."))
    last, newest_first = cursor.removeprefix(AFTER), len(messages) > 1 and messages[0].id > messages[-1].id
    return [m for m in messages if (m.id < last if newest_first else m.id > last)]
