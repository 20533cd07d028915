"""Approvals in time: reminders, others who are asked too, and the expiry that becomes a denial or the task's end."""

from threadwork.workflows.approval_events import UNDECIDED
from threadwork.workflows.messages import StopRequest
from threadwork.workflows.run import Run

EXPIRED = "Nobody decided in time, which counts as a denial."


def remind_and_expire(run: Run) -> None:
    """What is due of the turn's approvals.

    Emits `human_approval.reminded`, `human_approval.escalated` and `human_approval.expired`; for an expired one
    `tool_call.failed` too."""
    run.emit(*run.state.approvals.tick(run.now()))
    for call in run.state.turn:
        approval = run.state.approvals.known.get(call.approval_id or "")
        if approval and approval.state == "expired" and call.state == "asking":
            run.deny(call, EXPIRED)
            if approval.policy.on_expiry == "stop" and run.state.stop is None:
                run.state.stop = StopRequest(click_id="", reason=f"{UNDECIDED} on {approval.tool}.")
