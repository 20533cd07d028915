"""Where a run stands, as the query `get_current_state` answers it."""

from typing import Any

from threadwork.workflows.messages import AskUser
from threadwork.workflows.run import Run


def snapshot(run: Run) -> dict[str, Any]:
    """The answer of the query `get_current_state`."""
    state = run.state
    return {
        "status": run.status.value,
        "iteration": state.iteration,
        "max_iterations": state.iteration_limit,
        "budget": state.budget.get_status(),
        "paused": state.paused,
        "pause_reason": state.pause_reason,
        "approvals": [
            a.model_dump(mode="json", include={"approval_id", "tool", "digest"})
            | {"expires_at": a.expires_at.isoformat()}
            for a in state.approvals.pending
        ]
        + state.family.shown(state.family.approvals, "tool", "digest", "expires_at"),
        "questions": [
            {"question_id": c.question_id, "question": c.call.builtin.question, "options": c.call.builtin.options}
            for c in state.turn
            if c.question_id and c.state == "asking" and isinstance(c.call.builtin, AskUser)
        ]
        + state.family.shown(state.family.questions, "question", "options"),
        "last_seq": run.events.last_seq,
        "started_at": state.started_at.isoformat() if state.started_at else None,
    }
