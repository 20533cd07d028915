"""The state of a task as Slack shows it of itself: a reaction on the thread's root, and the agent session's status.

Both follow behind the cards, which they neither delay nor fail."""

from collections.abc import Collection
from typing import NamedTuple

from threadwork.adapters.chat.status_mirror import PACE, StatusMirror
from threadwork.adapters.slack.api.best_effort_calls import BestEffortCalls
from threadwork.adapters.slack.api.clients import Clients
from threadwork.workflows.values import Status

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
    Status.COMPLETED: "active",  # a reply goes on with it; `closed` is for conversations that are over
    Status.FAILED: "active",
    Status.CANCELLED: "active",
}


class Root(NamedTuple):
    """The message a thread hangs on."""

    workspace: str
    channel: str
    ts: str


class Presence:
    """Shows a task's state on its thread; a later state replaces one that still waits."""

    def __init__(self, clients: Clients, agent: bool = False, pace: float = PACE) -> None:
        """`agent`: the app is declared an agent, so Slack itself can show that it works."""
        self._calls = BestEffortCalls(clients)
        self._agent = agent
        self._titles: dict[Root, str] = {}  # of the task that is being shown
        self._states = StatusMirror[Root](lambda root, fresh: self._mirror(root, NONE if fresh else None), pace)

    def show(self, root: Root, state: Status, fresh: bool = False, title: str = "") -> None:
        """Returns at once. `fresh`: the task is new there, and nothing of ours on the message. `title`: of a session
        that begins with this."""
        self._titles = {root: title}
        self._states.show(root, state, fresh)

    def found(self, root: Root, reactions: Collection[str]) -> None:
        """A look-up came across the message: which reactions of ours are on it."""
        there = next((name for name in BEFORE if name in reactions), NONE)
        self._states.know(root, lambda: self._mirror(root, there))

    async def close(self) -> None:
        await self._states.close()

    def _mirror(self, root: Root, reaction: str | None) -> "Mirror":
        return Mirror(self._calls, root, self._agent, reaction, self._titles.get(root, ""))


class Mirror:
    """One root message. `reaction`: ours on it; None: not known, as after a restart."""

    def __init__(self, calls: BestEffortCalls, root: Root, agent: bool, reaction: str | None, title: str = "") -> None:
        self._title = title
        self._calls = calls
        self._root = root
        self._agent = agent
        self._reaction = reaction
        self._session = ""

    async def show(self, state: Status) -> None:
        await self._set_session(state)
        await self._react(self._emoji(state))

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
        titled = {} if self._session or not self._title else {"title": self._title}
        call = {"channel_id": channel, "thread_ts": ts, "status": status, **titled}
        if not await self._calls.call(workspace, SET_STATUS, call):
            self._session = status
