"""A task as somebody at a terminal follows it: its thread, kept up to date, and the text being written."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import NamedTuple

from threadwork.bot.client.api import ApiClient
from threadwork.bot.terminal.talk import Waiting, on_turn, waits
from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.cards import (
    RUNNING,
    THINKING,
    AnswerCard,
    ApprovalCard,
    Card,
    StatusCard,
    ThreadView,
    is_for_everybody,
)
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event
from threadwork.workflows.values import Status, Termination

CUT = "…"  # how a preview ends that is not the whole text
AWAY = "{url} no longer answers; trying again. The task is not affected."
BACK = "The connection is back."
DONE, FAILED, WAITS, STOPPED = 0, 1, 3, 130  # exit codes


class Change(NamedTuple):
    """One event, and the thread on both sides of it."""

    event: Event
    before: ThreadView
    after: ThreadView

    @property
    def cards(self) -> list[Card]:
        """The cards that are new or say something new, as far as the agent's verbosity lets them be shown."""
        known = {card.key: card for card in self.before.cards}
        news = [card for card in self.after.cards if not _says_the_same(known.get(card.key), card)]
        return [card for card in news if not self._is_quiet or is_for_everybody(card)]

    @property
    def log_line(self) -> str:
        """What the activity log says of this event; empty if nothing, or if a card has said it."""
        if self._is_quiet or (self.event.data.get("outcome") == "denied" and self._told_by_a_card()):
            return ""
        new = self.after.status.log
        return new[-1] if new and new is not self.before.status.log else ""

    @property
    def _is_quiet(self) -> bool:
        return self.after.status.verbosity == "quiet"

    def _told_by_a_card(self) -> bool:
        """People, not the policy, kept the call from running: the card of its approval says so."""
        tool = self.event.data.get("tool")
        return any(isinstance(card, ApprovalCard) and card.tool == tool for card in self.before.cards)


class FollowedTask:
    """`load` first, then `changes`. `say` is told when the server goes away and comes back."""

    def __init__(self, client: ApiClient, task_id: str, say: Callable[[str], None], from_start: bool = False) -> None:
        self.task_id = task_id
        self._from_start = from_start  # `changes` begins with the first event, not with what is new
        self._loaded = 0  # number of the last event there was when the thread was loaded
        self.view = ThreadView(task_id=task_id)
        self.texts: dict[str, str] = {}
        self.writing = ""  # live text of the call in progress
        self.waiting = ""  # that its model is waited for
        self.progress = ""  # how far the tool that runs is
        self.said = ""  # what the model wrote last, as far as the event shows it
        self.seen: str | None = None  # the newest follow-up that was read
        self._client = client
        self._say = say
        self._away = False
        self._finished: str | None = None  # the last call that came to an end
        self._told: set[str] = set()
        self._call: tuple[str, int, bool] | None = None  # call and attempt that `writing` is of, and whether thought

    async def load(self) -> ThreadView:
        """The thread as it stands; a prefix of the task's id becomes the whole. Raises `NotFound`."""
        page = await self._client.task(self.task_id)
        self.task_id, self._loaded = page.task.task_id, page.thread.seq
        self.view = ThreadView(task_id=self.task_id) if self._from_start else page.thread
        self.texts.update(page.texts)
        return self.view

    async def changes(self) -> AsyncGenerator[Change | None, None]:
        """Every event after what is loaded; None: only the live text has changed. Never ends by itself."""
        async with aclosing(self._client.events(self.task_id, self.view.seq, self._line)) as events:
            async for said in events:
                if isinstance(said, Chunk):
                    self._write(said)
                    yield None
                else:
                    yield await self._apply(said)

    async def whole(self, ref: str | None, shown: str) -> str:
        """The text behind a reference whose preview is `shown`; the preview where the text is not stored."""
        if ref and ref not in self.texts and shown.endswith(CUT):
            self.texts.update((await self._client.task(self.task_id)).texts)
        return self.texts.get(ref or "", shown)

    @property
    def shown(self) -> ThreadView:
        """The view, saying that the model is waited for while it is, or how far a tool is."""
        if self.progress and self.view.status.doing.startswith(RUNNING):
            status = self.view.status.model_copy(update={"doing": self.progress})
            return self.view.model_copy(update={"status": status})
        if not self.waiting or self.view.status.doing != THINKING:
            return self.view
        status = self.view.status.model_copy(update={"doing": self.waiting})
        return self.view.model_copy(update={"status": status})

    @property
    def ended(self) -> bool:
        """The task has come to its end, as far as it was known when it was loaded, or beyond."""
        return self.view.status.status.ended and self.view.seq >= self._loaded

    @property
    def waits_for_people(self) -> bool:
        """Nothing moves until somebody decides, answers, or resumes it; as far as it was known, like `ended`."""
        return self.view.seq >= self._loaded and (self.view.paused or on_turn(self.view) is not None)

    def newly_waiting(self) -> list[Waiting]:
        """Cards that began to wait for a person since the last time this was asked."""
        if self.view.seq < self._loaded:
            return []  # what an old event asked for may be settled long since
        waiting = [card for card in self.view.cards if isinstance(card, Waiting) and waits(card)]
        fresh = [card for card in waiting if card.key not in self._told]
        self._told.update(card.key for card in fresh)
        return fresh

    def exit_code(self) -> int:
        """0: the goal was achieved; 130: somebody stopped it; 1: it ended otherwise, or has not ended."""
        status = self.view.status
        if status.status is Status.COMPLETED and status.reason == Termination.GOAL_ACHIEVED:
            return DONE
        return STOPPED if status.status is Status.CANCELLED else FAILED

    def _line(self, up: bool) -> None:
        if self._away == up:
            self._away = not up
            self._say(BACK if up else AWAY.format(url=self._client.url))

    def _write(self, chunk: Chunk) -> None:
        if chunk.call_id == self._finished:
            return  # late: its text stands in the thread
        if chunk.progress:
            self.progress = chunk.progress
            return
        call = (chunk.call_id, chunk.attempt, chunk.thinking)
        if self._call != call:
            self._call, self.writing = call, "Thinking: " if chunk.thinking else ""
        self.writing += chunk.text
        self.waiting = chunk.waiting

    async def _apply(self, event: Event) -> Change:
        before, self.view = self.view, thread.apply(self.view, event)
        if event.type in (EventType.TOOL_CALL_STARTED, EventType.TOOL_CALL_COMPLETED, EventType.TOOL_CALL_FAILED):
            self.progress = ""
        if event.type in (EventType.LLM_CALL_COMPLETED, EventType.LLM_CALL_FAILED):
            self.writing, self.waiting, self._finished = "", "", event.data.get("call_id")
            self.said = str(event.data.get("text") or "")
        if event.type is EventType.FOLLOW_UP_RECEIVED:
            self.seen = event.data.get("message_id")
        change = Change(event, before, self.view)
        for card in (self.view.status, *change.cards) if before.seq == 0 else change.cards:
            await self.whole(*_reference(card))
        return change


def without_echo(card: Card, said: str) -> Card:
    """The card, without its reason where that is what was `said` just above it."""
    if isinstance(card, ApprovalCard) and card.why and card.why.strip() == said.strip():
        return card.model_copy(update={"why": ""})
    return card


def _says_the_same(before: Card | None, after: Card) -> bool:
    if isinstance(before, ApprovalCard) and isinstance(after, ApprovalCard) and after.state != "pending":
        return before.state == after.state  # what the call came to is in the activity log
    return before == after


def _reference(card: Card) -> tuple[str | None, str]:
    """Where the whole text of a card is, and what the card shows of it."""
    if isinstance(card, AnswerCard):
        return card.answer_ref, card.answer
    if isinstance(card, ApprovalCard):
        return card.arguments_ref, card.arguments
    return (card.goal_ref, card.goal) if isinstance(card, StatusCard) else (None, "")
