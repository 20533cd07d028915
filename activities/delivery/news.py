"""What a follower is told between two looks at its task."""

import asyncio

from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Hint

LIVE = 300  # characters of live text that are kept
NO_HURRY = frozenset(
    {
        EventType.ITERATION_STARTED,
        EventType.ITERATION_COMPLETED,
        EventType.LLM_CALL_STARTED,
        EventType.LLM_CALL_COMPLETED,
        EventType.TOOL_CALL_STARTED,
        EventType.TOOL_CALL_COMPLETED,
    }
)  # shown by the status card alone, which is edited every other second at most: the next look finds them

TOOL_ENDS = frozenset({EventType.TOOL_CALL_COMPLETED, EventType.TOOL_CALL_FAILED})
CALLS = frozenset({EventType.LLM_CALL_STARTED, EventType.LLM_CALL_COMPLETED, EventType.LLM_CALL_FAILED})


class News:
    """What a follower is told: that there may be new events, and what a model is writing."""

    def __init__(self) -> None:
        self.came = asyncio.Event()  # clear it before you read
        self.live = ""  # the end of the text of the call under way
        self.waiting = ""  # that the model is waited for; empty: it is not, as far as anybody said
        self.thinking = False  # that text is what the model thinks
        self.progress: dict[str, str] = {}  # how far calls of tools are, by their ids; the newest is the last
        self._call: tuple[str, int, bool] = ("", 0, False)
        self._head: int | None = 0

    def look(self, head: int | None) -> None:
        """With the database away everybody looks for themselves, and says so."""
        if head != self._head:
            self._head = head
            self.came.set()

    def hear(self, hint: Hint) -> None:
        """Live text and the steps of an iteration wake nobody: they are shown at the next look."""
        if not hint.events and hint.chunk is None:
            self.live, self.progress = "", {}  # what follows need not be what came next
        if any(event.type not in NO_HURRY for event in hint.events):
            self.came.set()
        if any(event.type in CALLS for event in hint.events):
            self.waiting, self.progress = "", {}
        for event in hint.events:
            if event.type in TOOL_ENDS:
                self.progress.pop(str(event.data.get("call_id")), None)
        if (chunk := hint.chunk) and chunk.progress:
            self.progress.pop(chunk.call_id, None)
            self.progress[chunk.call_id] = chunk.progress
        elif chunk:
            self.waiting = chunk.waiting
            if chunk.waiting:
                self.came.set()
            call = (chunk.call_id, chunk.attempt, chunk.thinking)
            text = "" if chunk.private else chunk.text
            self.live = ((self.live if call == self._call else "") + text)[-LIVE:]
            self._call, self.thinking = call, chunk.thinking
