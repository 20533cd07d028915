"""Compaction: older turns go into a summary, piece by piece, so that the conversation fits its model."""

from collections.abc import Awaitable, Callable
from typing import Literal

from threadwork.workflows.events import ContextCompacted
from threadwork.workflows.memory import SHORTENED, Compacted
from threadwork.workflows.messages import LLMResult
from threadwork.workflows.run import Run

# Asks for one summary: times the conversation was shortened, and whether the last try gave nothing. None: no budget.
Ask = Callable[[int, bool], Awaitable[LLMResult | None]]


async def compact(run: Run, ask: Ask, shortened: int = 0) -> bool:
    """Have the older turns summarised, so that the conversation fits again. False: the budget does not allow it."""
    since, tries, again = run.state.position, 0, False
    pieces: list[Compacted] = []
    while result := await ask(shortened, again):
        if result.compacted is None:  # of an older version: one summary of everything
            return _take_summary(run, since, result.ref)
        if result.outcome == "overflow":
            run.state.window = result.window
        if result.compacted.ref is None:
            tries += 1
            again = result.outcome != "overflow" or tries >= SHORTENED
            continue
        tries, again = 0, False
        if run.remember(result.compacted):
            pieces.append(result.compacted)
        if not result.compacted.more:
            _tell_summary(run, pieces)
            return True
    return False


def _take_summary(run: Run, since: int, ref: str | None) -> bool:
    state = run.state
    if ref is None:
        return False
    state.since, state.summary_ref, state.compact_next, state.counted = since, ref, False, None
    run.emit(ContextCompacted(since=since, summary_ref=ref))
    return True


def _tell_summary(run: Run, pieces: list[Compacted]) -> None:
    state = run.state
    state.compact_next = False
    if pieces and state.summary_ref:
        how: Literal["summary", "excerpt"] = "excerpt" if any(p.how == "excerpt" for p in pieces) else "summary"
        run.emit(
            ContextCompacted(
                since=state.since,
                summary_ref=state.summary_ref,
                how=how,
                pieces=len(pieces),
                kept=pieces[-1].kept,
            )
        )
