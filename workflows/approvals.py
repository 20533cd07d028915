"""The approvals of a run: asked for, decided, timed and withdrawn."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from threadwork.workflows import approval_times
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.approval import Approval
from threadwork.workflows.approval_events import (
    HumanApprovalIgnored,
    HumanApprovalReceived,
    HumanApprovalRequested,
    HumanApprovalSuperseded,
)
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.event_types import Payload
from threadwork.workflows.grants import GrantTerms
from threadwork.workflows.messages import ApprovalDecision, FollowUp
from threadwork.workflows.run_requests import ResolvePrincipalResult
from threadwork.workflows.values import Principal, preview

MAX_REMEMBERED_APPROVALS = 100  # decided approvals kept to answer late clicks; older ones are in the database


class Approvals(BaseModel):
    """Every approval of a run."""

    asked: int = 0
    known: dict[str, Approval] = Field(default_factory=dict)
    granted: list[str] = Field(default_factory=list)  # tools approved for the rest of the task

    def request(
        self,
        call: ProposedCall,
        why: str,
        policy: ApprovalPolicy,
        requester: Principal,
        now: datetime,
        terms: GrantTerms | None = None,
    ) -> HumanApprovalRequested:
        """Ask for a call. `known` has the approval under the id of the returned event.

        `terms`: on which its tool may be allowed for good; None: it may not."""
        self.asked += 1
        approval = Approval(
            approval_id=str(self.asked),
            tool=call.name,
            digest=call.digest,
            requester=requester,
            policy=policy,
            requested_at=now,
            terms=terms,
        )
        self._remember(approval)
        return HumanApprovalRequested(
            approval_id=approval.approval_id,
            tool=call.name,
            title=preview(call.tool.title) or None if call.tool else None,
            arguments_preview=preview(call.arguments_preview),
            arguments_ref=call.arguments_ref,
            digest=call.digest,
            effect=call.tool.effect if call.tool else "destructive",
            why=preview(why),
            approvers=policy.approvers,
            quorum=policy.quorum,
            expires_at=approval.expires_at,
            always=True if terms else None,
            private=True if policy.show == "private" else None,
        )

    def decide(
        self,
        decision: ApprovalDecision,
        looked_up: ResolvePrincipalResult,
        now: datetime,
        lines: Sequence[FollowUp] = (),
    ) -> Payload:
        """What a person's decision comes to: received, or ignored with the reason."""
        approval = self.known.get(decision.approval_id)
        unknown = f"There is no approval {decision.approval_id} here."
        objection = approval.objection(decision, looked_up, lines) if approval else unknown
        if not approval or objection:
            return HumanApprovalIgnored(
                approval_id=decision.approval_id, by=decision.by, click_id=decision.click_id, reason=objection
            )
        approval.take(decision, now)
        if approval.state == "approved" and approval.granted_by(decision) == "task":
            self.granted += [approval.tool] if approval.tool not in self.granted else []
        scope = approval.granted_by(decision) if approval.state == "approved" else decision.scope
        return HumanApprovalReceived(
            **decision.model_dump(include={"approval_id", "decision", "edited_ref", "click_id"}),
            scope=scope,
            said=decision.scope if decision.scope != scope else None,
            by=decision.by,
            reason=preview(decision.reason),
            digest=approval.digest,
            final=approval.state != "pending",
        )

    def tick(self, now: datetime) -> list[Payload]:
        """What is due: reminders, others who are asked too, and what nobody decided in time."""
        return [told for approval in self.pending for told in approval_times.due(approval, now)]

    def supersede(self, reason: str) -> list[Payload]:
        """Withdraw whatever is still pending."""
        return [told for approval in self.pending for told in self.supersede_one(approval.approval_id, reason)]

    def supersede_one(self, approval_id: str, reason: str) -> list[Payload]:
        approval = self.known[approval_id]
        if approval.state != "pending":
            return []
        approval.state, approval.reason = "superseded", reason
        return [HumanApprovalSuperseded(approval_id=approval_id, reason=reason)]

    @property
    def pending(self) -> list[Approval]:
        """Those of open tasks, the longest waiting first."""
        return [approval for approval in self.known.values() if approval.state == "pending"]

    @property
    def next_deadline(self) -> datetime | None:
        """When `tick` has something to do next."""
        return min((at for one in self.pending if (at := approval_times.deadline(one))), default=None)

    def _remember(self, approval: Approval) -> None:
        self.known[approval.approval_id] = approval
        decided = [key for key, known in self.known.items() if known.state != "pending"]
        for key in decided[:-MAX_REMEMBERED_APPROVALS]:
            del self.known[key]
