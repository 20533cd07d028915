"""Reading a channel or a thread page by page, as Slack's clients do."""

import re
from typing import Any

from tests.chat_platform.answers import Interrupted, breach
from tests.chat_platform.contract import History, Replies
from tests.chat_platform.stamps import micros
from tests.chat_platform.state import Message, Workspace

AFTER = "after:"  # what a cursor begins with
CURSOR = re.compile(rf"{AFTER}\d+\.\d{{6}}")


class Reader:
    """Gives at most `most` messages a page, whatever the client asks for."""

    def __init__(self, workspace: Workspace, with_marks: bool, most: int) -> None:
        self._workspace = workspace
        self._with_marks = with_marks
        self._most = most

    def history(self, body: History) -> dict[str, Any]:
        """Root messages, newest first."""
        self._workspace.enter(body.channel)
        roots = [m for m in self._messages(body.channel, "") if micros(m.id) > micros(body.oldest)]
        passed = _passed(body.cursor)
        return self._page([m for m in roots[::-1] if not passed or micros(m.id) < passed], body)

    def replies(self, body: Replies) -> dict[str, Any]:
        """The replies of a thread, oldest first; its root stands first on every page, as in Slack."""
        self._workspace.enter(body.channel)
        root = self._workspace.root(body.channel, body.thread)
        replies = [m for m in self._messages(body.channel, body.thread) if micros(m.id) > micros(body.oldest)]
        passed = _passed(body.cursor)
        page = self._page([m for m in replies if micros(m.id) > passed], body)
        return {**page, "messages": [self._shown(root), *page["messages"]]}

    def _messages(self, channel: str, thread: str) -> list[Message]:
        messages = self._workspace.messages.values()
        return [m for m in messages if (m.channel, m.thread) == (channel, thread) and not m.deleted]

    def _page(self, messages: list[Message], body: History) -> dict[str, Any]:
        page = messages[: min(body.limit, self._most)]
        more = len(messages) > len(page)
        cursor = f"{AFTER}{page[-1].id}" if more else ""
        return {"messages": [self._shown(m) for m in page], "has_more": more, "next_cursor": cursor}

    def _shown(self, message: Message) -> dict[str, Any]:
        now = message.versions[-1]
        shown = {"id": message.id, "thread": message.thread, "text": now.text, "blocks": now.blocks}
        return {**shown, "mark": message.mark} if self._with_marks and message.mark else shown


def _passed(cursor: str) -> int:
    """The id, as a number, of the last message that was given out; 0 at the beginning.

    A place rather than a count: messages may come and go between two pages."""
    if not cursor:
        return 0
    if not CURSOR.fullmatch(cursor):
        raise Interrupted(breach("invalid_cursor", f"The cursor {cursor!r} was never given out."))
    return micros(cursor.removeprefix(AFTER))
