"""The state of a task as Slack shows it of itself: a reaction on the thread's root, and the agent session's status.

Both follow behind the cards, which they neither delay nor fail."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import NamedTuple

from adapters.slack.clients import Clients
from adapters.slack.quiet_calls import QuietCalls
from workflows.values import Status

PACE = 10.0  # seconds between two changes on one message, unless the task has ended
KEPT = 5_000  # messages whose reaction is remembered

RUNNING, ASKING, HELD = "hourglass_flowing_sand", "raised_hand", "double_vertical_bar"
DONE, FAILED, STOPPED, NONE = "white_check_mark", "warning", "black_square_for_stop", ""
EMOJI = {
    Status.QUEUED: NONE,
    Status.RUNNING: RUNNING,
    Status.PAUSED: HELD,
    Status.WAITING_APPROVAL: ASKING,
    Status.WAITING_ANSWER: ASKING,
    Status.WAITING_BUDGET: ASKING,
    Status.COMPLETED: DONE,
    Status.FAILED: FAILED,
    Status.CANCELLED: STOPPED,
}
# What may stand there from before a restart, the likeliest first.
BEFORE = {
    NONE: (ASKING, DONE),
    RUNNING: (ASKING, HELD, DONE),
    ASKING: (RUNNING, HELD),
    HELD: (RUNNING, ASKING),
    DONE: (RUNNING, ASKING),
    FAILED: (RUNNING, ASKING, HELD),
    STOPPED: (RUNNING, ASKING, HELD),
}
SET_STATUS = "agents.sessions.setStatus"
SESSION = {
    Status.RUNNING: "processing",
    Status.PAUSED: "suspended",
    Status.WAITING_APPROVAL: "suspended",
    Status.WAITING_ANSWER: "suspended",
    Status.WAITING_BUDGET: "suspended",
    Status.COMPLETED: "closed",
    Status.FAILED: "closed",
    Status.CANCELLED: "closed",
}


class Root(NamedTuple):
    """The message a thread hangs on."""

    workspace: str
    channel: str
    ts: str


class Presence:
    """Shows the newest state of every task; what came in between is left out."""

    def __init__(self, clients: Clients, agent: bool = False, pace: float = PACE) -> None:
        """`agent`: the app is declared an agent, so Slack itself can show that it works."""
        self._calls = QuietCalls(clients)
        self._agent = agent
        self._pace = pace
        self._mirrors: dict[Root, Mirror] = {}
        self._busy: dict[Root, asyncio.Task[None]] = {}

    def show(self, root: Root, state: Status, fresh: bool = False) -> None:
        """Returns at once. `fresh`: the task is new there, and nothing of ours on the message."""
        mirror = self._mirrors.pop(root, None) or Mirror(self._calls, root, self._agent, NONE if fresh else None)
        self._mirrors[root] = mirror
        mirror.want(state)
        if root not in self._busy and not mirror.up_to_date:
            self._busy[root] = asyncio.create_task(self._follow(root, mirror))
        self._forget()

    def found(self, root: Root, reactions: Collection[str]) -> None:
        """A look-up came across the message: which reactions of ours are on it."""
        if root not in self._mirrors:
            there = next((name for name in BEFORE if name in reactions), NONE)
            self._mirrors[root] = Mirror(self._calls, root, self._agent, there)

    async def _follow(self, root: Root, mirror: "Mirror") -> None:
        try:
            await mirror.follow(self._pace)
        finally:
            del self._busy[root]

    def _forget(self) -> None:
        """Those that were quiet longest: they are asked anew if they change after all."""
        for root in list(self._mirrors)[:-KEPT]:
            if root not in self._busy:
                del self._mirrors[root]

    async def close(self) -> None:
        """What was not shown by now is not shown."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Mirror:
    """One root message. `reaction`: ours on it; None: not known, as after a restart."""

    def __init__(self, calls: QuietCalls, root: Root, agent: bool, reaction: str | None) -> None:
        self._calls = calls
        self._root = root
        self._agent = agent
        self._reaction = reaction
        self._session = ""
        self._wanted = self._shown = Status.QUEUED
        self._news = asyncio.Event()

    def want(self, state: Status) -> None:
        self._wanted = state
        self._news.set()

    @property
    def up_to_date(self) -> bool:
        """From the start for a task that has not begun: of that there is nothing to see."""
        return self._shown is self._wanted

    async def follow(self, pace: float) -> None:
        """Until the newest state is shown, or could not be."""
        while not self.up_to_date:
            self._shown = self._wanted
            await self._set_session(self._shown)
            await self._react(self._emoji(self._shown))
            with suppress(TimeoutError):
                async with asyncio.timeout(pace):
                    await self._ended()

    async def _ended(self) -> None:
        while not self._wanted.ended or self.up_to_date:
            self._news.clear()
            await self._news.wait()

    def _emoji(self, state: Status) -> str:
        """Where Slack shows that the agent works, it need not be said twice."""
        native = self._agent and self._calls.allowed(self._root.workspace, SET_STATUS)
        return NONE if native and state is Status.RUNNING else EMOJI[state]

    async def _react(self, new: str) -> None:
        """The new one first, so that there is always one; then the old one goes."""
        if new == self._reaction:
            return
        added = await self._reaction_call("reactions.add", new) if new else ""
        if added not in ("", "already_reacted"):
            return
        for old in self._before(new, there=bool(added)):
            if not await self._reaction_call("reactions.remove", old):
                break
        self._reaction = new

    def _before(self, new: str, there: bool) -> tuple[str, ...]:
        """What to remove. A new one that was there already has most likely replaced the old one long ago."""
        if self._reaction is not None:
            return (self._reaction,) if self._reaction else ()
        return BEFORE[new][:1] if there else BEFORE[new]

    async def _reaction_call(self, method: str, name: str) -> str:
        workspace, channel, ts = self._root
        return await self._calls.call(workspace, method, {"channel": channel, "timestamp": ts, "name": name})

    async def _set_session(self, state: Status) -> None:
        status = SESSION.get(state, "")
        if not self._agent or not status or status == self._session:
            return
        workspace, channel, ts = self._root
        call = {"channel_id": channel, "thread_ts": ts, "status": status}
        if not await self._calls.call(workspace, SET_STATUS, call):
            self._session = status
