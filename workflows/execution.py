"""The Temporal side of a run: how it waits, calls activities, publishes, follows and continues as new."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from threadwork.workflows import crash_points, references, signal_handlers
from threadwork.workflows.messages import StopRequest
from threadwork.workflows.references import ActivityReference, Request, Result
from threadwork.workflows.run import Run
from threadwork.workflows.run_events import SinkFailed
from threadwork.workflows.run_requests import (
    EventBatch,
    NotifyRequest,
    ResolvePrincipalRequest,
    ResolvePrincipalResult,
    WorkflowEventsRequest,
)
from threadwork.workflows.signal_rights import NOTHING, needs_groups, needs_standing, person
from threadwork.workflows.state import AgentExecutionRequest, Received
from threadwork.workflows.values import Principal, preview

ACCOUNTS_FOLLOW = "accounts-follow"  # of a change: whoever is not known directly may be known by another account
SIDE_BY_SIDE = "look-ups-side-by-side"  # of a change: people are looked up side by side
SIDE_LIMIT = 200  # people looked up at once; Temporal takes some 2,000 activities of a run
FOLLOWER_RETRY_INTERVAL = 5.0  # seconds before a follower that left something undelivered is sent again, growing to 80
FOLLOWER_STOP_TIMEOUT = 5.0  # seconds a follower gets to stop before the run continues as new


class Stopped(Exception):
    """Somebody, or Temporal's own cancellation, stopped the run."""


class Superseded(Exception):
    """A later run speaks for the task; this one falls silent."""


class Failed(Exception):
    """The run cannot go on; the text says why, to people."""


class Execution:
    """One execution of a run. Everything it waits for goes through `wait_uninterrupted`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._cancelled = False  # by the operator, through Temporal
        self._broken: BaseException | None = None  # what a background task died of
        self._follower: asyncio.Task[None] | None = None
        self._asking: set[str] = set()  # keys of people who are being looked up

    # --- waiting and calling ----------------------------------------------------------------------------

    async def wait(self, condition: Callable[[], bool], deadline: datetime | None = None) -> bool:
        """Wait for people; the time does not count as work. False: the deadline came first."""
        self._raise_interruption()
        while not condition():
            await self.continue_as_new_if_full()
            began = workflow.now()
            happened = await self.until(lambda: condition() or self._full, deadline)
            self._run.state.waited += (workflow.now() - began).total_seconds()
            if not happened:
                return condition()
        return True

    async def until(self, condition: Callable[[], bool], deadline: datetime | None = None) -> bool:
        """Wait, but raise when the run was stopped or cannot go on. False: the deadline came first."""
        left = None if deadline is None else (deadline - workflow.now()).total_seconds()
        if left is not None and left <= 0:
            return condition()
        happened = await self.wait_uninterrupted(lambda: condition() or self._interrupted, left)
        self._raise_interruption()
        return happened

    async def wait_uninterrupted(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """The one place where the main task waits. Temporal's own cancellation becomes a stop.

        What holds already is not waited for: every wait lets the publisher store what no request carries yet."""
        while not condition():
            try:
                await workflow.wait_condition(condition, timeout=timeout)
            except TimeoutError:
                return False
            except asyncio.CancelledError:
                self._cancelled = True  # it reaches a workflow once, and carries no author
                if self._run.state.stop is None:
                    self._run.state.stop = StopRequest(click_id="", reason="Cancelled by the operator.")
        return True

    @property
    def _interrupted(self) -> bool:
        return self._broken is not None or self._stopping

    @property
    def _stopping(self) -> bool:
        return self._run.state.stop is not None and self._run.state.ended is None

    def _raise_interruption(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._stopping:
            raise Stopped

    async def call(
        self,
        reference: ActivityReference[Request, Result],
        request: Callable[[EventBatch], Request],
        timeout: timedelta | None = None,
        worker: str | None = None,
    ) -> Result:
        """Call an activity that carries the events; a stop cancels it and waits for what became of it. `worker`: the
        queue of one worker; where that one is gone, any other."""
        if worker:
            try:
                return await self._carried(reference, request, timeout, worker)
            except ActivityError as error:
                if not references.never_began(error):
                    raise
        return await self._carried(reference, request, timeout)

    async def _carried(
        self,
        reference: ActivityReference[Request, Result],
        request: Callable[[EventBatch], Request],
        timeout: timedelta | None,
        worker: str | None = None,
    ) -> Result:
        self._raise_interruption()
        in_flight = self._run.events.take()
        handle = reference.start(request(self._run.batch(in_flight)), timeout, worker)
        await self.wait_uninterrupted(lambda: handle.done() or self._interrupted)
        if not handle.done():
            handle.cancel()
        try:
            result = await self.outcome(handle)
        except BaseException:
            self._run.events.nack(in_flight)
            raise
        self._run.events.ack(in_flight)
        return result

    async def outcome(self, handle: workflow.ActivityHandle[Result]) -> Result:
        """The result of an activity. Raises `Superseded` where a later run has taken over, else its failure."""
        await self.wait_uninterrupted(handle.done)
        try:
            return handle.result()
        except ActivityError as error:
            if is_cancelled_exception(error):
                self._raise_interruption()
            if isinstance(error.cause, ApplicationError) and error.cause.type == "StaleRun":
                raise Superseded from error
            raise

    # --- the end, and a fresh history -------------------------------------------------------------------

    async def drain(self) -> None:
        """Wait until everything is stored and shown and everybody looked up, or a reply makes the task go on."""
        state = self._run.state
        await self.wait(self._shown)
        while state.inbox and not self._cancelled and workflow.patched(ACCOUNTS_FOLLOW):
            await self.wait(lambda: not state.inbox or self._cancelled)
            await self.wait(self._shown)

    def _shown(self) -> bool:
        run = self._run
        parent, family = run.state.parent, run.state.family
        if family.words or family.reports or (parent and not (parent.gone or parent.end_told)):
            return False
        return run.events.drained and (run.state.woken or self._cancelled or not self._behind)

    @property
    def _behind(self) -> bool:
        """The thread does not show everything yet."""
        state = self._run.state
        return bool(state.config.sinks) and (state.rendered_seq < self._run.events.last_seq or state.undelivered > 0)

    @property
    def _full(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    async def continue_as_new_if_full(self) -> None:
        """Start a fresh history. Nothing is awaited between the last look at the state and the return."""
        if not self._full:
            return
        await self.until(lambda: self._run.events.drained)
        if self._follower:
            self._follower.cancel()
            await self.wait_uninterrupted(self._follower.done, FOLLOWER_STOP_TIMEOUT)
        await self.wait_uninterrupted(lambda: self._run.events.drained)
        crash_points.reached("before_continue_as_new")
        workflow.continue_as_new(AgentExecutionRequest(task_id=self._run.state.outbox.task_id, state=self._run.state))

    # --- in the background: publishing, following, looking people up -----------------------------------

    def start_background(self) -> None:
        self.in_background(self._publish())
        self.in_background(self._look_people_up())
        if self._run.state.config.sinks:
            self._follower = self.in_background(self._follow())

    def in_background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        task.add_done_callback(self._note_breakage)
        return task

    def _note_breakage(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()

    async def _publish(self) -> None:
        """Store events that no request is about to carry."""
        while True:
            await workflow.wait_condition(lambda: self._run.events.waiting)
            in_flight = self._run.events.take()
            await self.outcome(references.PUBLISH_EVENTS.start(WorkflowEventsRequest(batch=self._run.batch(in_flight))))
            self._run.events.ack(in_flight)

    async def _follow(self) -> None:
        """Keep the thread in step with the events."""
        state = self._run.state
        at_once, troubles = workflow.patched("follow-at-once"), 0
        while True:
            # The last call must find the end stored; before it, a call under way is no reason to keep people waiting.
            await workflow.wait_condition(
                lambda: self._behind and (self._run.events.drained or (at_once and state.ended is None))
            )
            if state.undelivered:
                await asyncio.sleep(
                    FOLLOWER_RETRY_INTERVAL * 2 ** min(troubles, 4) if at_once else FOLLOWER_RETRY_INTERVAL
                )
            troubles = troubles + 1 if state.undelivered else 0
            request = NotifyRequest(
                task_id=state.outbox.task_id,
                epoch=state.epoch,
                ended=state.ended is not None,
                last_seq=self._run.events.last_seq,
            )
            try:
                result = await references.NOTIFY_THREAD.start(request)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    return  # the run continues as new, and its next execution follows
                raise
            state.rendered_seq, state.undelivered = result.rendered_seq, result.undelivered
            for failure in result.failures:
                self._run.emit(SinkFailed(sink=failure.sink, error=preview(failure.error)))

    async def _look_people_up(self) -> None:
        """Learn the groups and accounts on which people's authority hangs, then let their signals take effect."""
        while True:
            await workflow.wait_condition(lambda: self._next_asked() is not None)
            if received := self._next_asked():
                if workflow.patched(SIDE_BY_SIDE):
                    self._asking.add(_author(received))
                    self.in_background(self._look_up(received))
                else:
                    await self._look_up(received)

    def _next_asked(self) -> Received | None:
        """Nobody waits for what a platform does not tell of somebody else; what one person did stays in its order."""
        if len(self._asking) >= SIDE_LIMIT:
            return None
        return next((one for one in self._run.state.inbox if _author(one) not in self._asking), None)

    async def _look_up(self, received: Received) -> None:
        by = person(received)
        found = await self._looked_up(by, received) if by else None
        self._run.state.inbox.remove(received)
        self._asking.discard(_author(received))
        signal_handlers.apply(self._run, received, found or NOTHING)

    async def _looked_up(self, by: Principal, received: Received) -> ResolvePrincipalResult:
        request = ResolvePrincipalRequest(
            principal=by,
            groups=needs_groups(self._run, received),
            standing=needs_standing(self._run, received),
            task_id=self._run.state.outbox.task_id,
        )
        return await references.RESOLVE_PRINCIPAL.start(request)


def _author(received: Received) -> str:
    by = person(received)
    return by.key if by else ""
