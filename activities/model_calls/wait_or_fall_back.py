"""How long a model is waited for, and what people are told meanwhile."""

from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from threadwork.activities.ports.event_bus import EventBus
from threadwork.workflows.call_requests import LLMRequest
from threadwork.workflows.errors import ModelUnavailable
from threadwork.workflows.events import Chunk, Hint
from threadwork.workflows.values import preview

ATTEMPTS = 20  # at a model that is unavailable; with growing waits about five minutes
SHORT = timedelta(minutes=1)  # that a model is waited for where another can be asked
MAX_PROVIDER_DELAY = timedelta(days=7)  # that a provider's word is taken for
GROWTH, MAX_WAIT = 2.0, 15.0  # the waits between attempts, in seconds: 1, 2, 4, 8, 15, 15 …


async def wait_for(error: ModelUnavailable, request: LLMRequest, bus: EventBus) -> None:
    """Raises the ApplicationError by which Temporal tries again, after people were told. Returns where the model is
    waited for no longer."""
    info, now = activity.info(), datetime.now(UTC)
    wait = asked_to_wait(error) or own_wait(info.attempt)
    if not is_patient(info.attempt, wait, now - info.scheduled_time, request.others):
        return
    told = waiting(error, info.attempt, now, wait, gives_up(info, now, wait, request.others))
    chunk = Chunk(task_id=request.batch.task_id, call_id=request.call_id, attempt=info.attempt, text="", waiting=told)
    await bus.publish(Hint(task_id=request.batch.task_id, chunk=chunk))
    # The details are what a follower that starts later reads of the attempt.
    details = chunk.model_dump(mode="json")
    raise ApplicationError(str(error), details, type="ModelUnavailable", next_retry_delay=wait) from error


def asked_to_wait(error: ModelUnavailable) -> timedelta | None:
    """What the provider asked for; None where it did not, and for what is no time at all."""
    seconds = error.retry_after
    if seconds is None or not 0 <= seconds < float("inf"):
        return None
    return timedelta(seconds=min(seconds, MAX_PROVIDER_DELAY.total_seconds()))


def own_wait(attempt: int) -> timedelta:
    """How long to wait before the attempt after this one (from 1), where the provider names no time of its own."""
    return timedelta(seconds=min(GROWTH ** min(attempt - 1, 10), MAX_WAIT))


def is_patient(attempt: int, wait: timedelta, since: timedelta, others: bool) -> bool:
    """Whether to wait once more. `since`: for how long the call has been tried; `others`: another can be asked."""
    return since + wait <= SHORT if others else attempt < ATTEMPTS


def gives_up(info: activity.Info, now: datetime, wait: timedelta, others: bool) -> datetime:
    """When the last attempt is, as far as one can say."""
    if others:
        return info.scheduled_time + SHORT
    return now + wait + sum((own_wait(attempt) for attempt in range(info.attempt + 1, ATTEMPTS)), timedelta())


def waiting(error: ModelUnavailable, attempt: int, now: datetime, wait: timedelta, until: datetime) -> str:
    """`Cannot reach openai/gpt-5 at http://…. Trying again until 16:12 UTC, attempt 2. Start it with …`"""
    what = error.detail.rstrip(". ")
    if wait > SHORT:
        return preview(f"{what}. Trying again {_when(now + wait, now)}. {error.hint}".strip())
    return preview(f"{what}. Trying again until {_clock(until, now)}, attempt {attempt + 1}. {error.hint}".strip())


def _when(at: datetime, now: datetime) -> str:
    return f"at {at:%H:%M} UTC" if _is_near(at, now) else f"on {at:%d %b} at {at:%H:%M} UTC"


def _clock(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} UTC" if _is_near(at, now) else f"{at:%d %b %H:%M} UTC"


def _is_near(at: datetime, now: datetime) -> bool:
    return at - now < timedelta(hours=20)
