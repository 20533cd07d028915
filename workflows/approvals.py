"""Approvals as a pure state machine: pending → approved | denied | expired | superseded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from threadwork.workflows.access import allowed, same_account, same_human
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.approval_events import (
    HumanApprovalExpired,
    HumanApprovalIgnored,
    HumanApprovalReceived,
    HumanApprovalReminded,
    HumanApprovalRequested,
    HumanApprovalSuperseded,
)
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.event_types import Payload
from threadwork.workflows.messages import ApprovalDecision, FollowUp
from threadwork.workflows.run_requests import ResolvePrincipalResult
from threadwork.workflows.values import EVENT_PREVIEW, Principal, preview

SHOWN_LINE = 200  # characters of a line that holds a decision back
MAX_REMEMBERED_APPROVALS = 100  # decided approvals kept to answer late clicks; older ones are in the database
Scope = Literal["once", "task"]


class Approval(BaseModel):
    """One approval as the run knows it. Part of the state of a run: names of fields are wire."""

    approval_id: str
    tool: str
    digest: str  # of the arguments that will run
    requester: Principal
    policy: ApprovalPolicy
    requested_at: datetime
    state: Literal["pending", "approved", "denied", "expired", "superseded"] = "pending"
    approved_by: list[Principal] = Field(default_factory=list)
    scopes: list[Scope] = Field(default_factory=list)  # what each of `approved_by` allowed; older ones are not known
    by: Principal | None = None  # whose word was the last
    decided_at: datetime | None = None
    reason: str = ""
    edited_ref: str | None = None
    reminded: bool = False

    @property
    def expires_at(self) -> datetime:
        return self.requested_at + timedelta(seconds=self.policy.expire)

    @property
    def remind_at(self) -> datetime:
        return self.requested_at + timedelta(seconds=self.policy.expire / 2)

    def objection(
        self, decision: ApprovalDecision, known: ResolvePrincipalResult, lines: Sequence[FollowUp] = ()
    ) -> str:
        """Why this decision has no effect; empty if it has one. `lines`: what people wrote, the newest last."""
        if self.state in ("approved", "denied"):
            who = self.by.shown if self.by else "somebody"
            when = f" at {self.decided_at:%H:%M} UTC" if self.decided_at else ""
            return f"{self.state.capitalize()} already by {who}{when}."
        if self.state != "pending":
            return "Too late: it has expired." if self.state == "expired" else "Too late: it was withdrawn."
        if not allowed(decision.by, self.policy.approvers, known.groups):
            return "This is not yours to decide."
        if decision.decision == "deny":
            return ""
        return self._objection_to_approving(decision, known) or self._unseen(decision, known, lines)

    def _unseen(self, decision: ApprovalDecision, known: ResolvePrincipalResult, lines: Sequence[FollowUp]) -> str:
        """What the requester or an approver wrote that whoever approves had not seen: it may be a correction."""
        if decision.up_to is None:
            return ""
        ids = [line.message_id for line in lines]
        newer = lines[ids.index(decision.up_to) + 1 :] if decision.up_to in ids else lines
        for line in reversed(newer):
            concerned = allowed(line.by, self.policy.approvers) or same_human(line.by, self.requester)
            if concerned and not _is_one(decision, line.by, known):
                said = preview(line.preview, SHOWN_LINE)
                return (
                    f"{line.by.shown} wrote since: “{said}”. Nothing is approved yet: approve again if it still holds."
                )
        return ""

    def hangs_on_accounts(self, decision: ApprovalDecision) -> bool:
        """True if other accounts of the person, not looked up yet, may tell whether the decision has an effect."""
        if self.state != "pending":
            return False
        if not allowed(decision.by, self.policy.approvers):
            return True
        others = [*self.approved_by, *([self.requester] if self.policy.four_eyes else [])]
        known = any(_is_one(decision, other) for other in others)
        return decision.decision == "approve" and bool(others) and not known

    def _objection_to_approving(self, decision: ApprovalDecision, known: ResolvePrincipalResult) -> str:
        if self.policy.four_eyes and _is_one(decision, self.requester, known):
            return "You asked for this yourself: somebody else must approve it."
        if any(_is_one(decision, person, known) for person in self.approved_by):
            return "You have approved this already; somebody else must approve it too."
        seen = decision.seen if decision.edited_ref else decision.seen or decision.digest
        if seen and seen != self.digest:
            return "The arguments have changed since you saw them: look again."
        if decision.edited_ref and "." not in self.tool:
            return f"The arguments of {self.tool} cannot be edited: deny it, and say what it should do instead."
        if decision.edited_ref and self.policy.quorum > 1:
            return "Arguments cannot be edited where several people must approve."
        return ""

    def granted_by(self, decision: ApprovalDecision) -> Scope:
        """What is allowed once this decision completes the approval: the task only if all who make it up said so.

        Before the second rules the last word alone counted: in quorums of which nobody's word is known."""
        if decision.rules < 2 and not self.scopes:
            return decision.scope
        everybody = len(self.scopes) == len(self.approved_by) and set(self.scopes) == {"task"}
        return "task" if everybody else "once"


class Approvals(BaseModel):
    """Every approval of a run."""

    asked: int = 0
    known: dict[str, Approval] = Field(default_factory=dict)
    granted: list[str] = Field(default_factory=list)  # tools approved for the rest of the task

    def request(
        self, call: ProposedCall, why: str, policy: ApprovalPolicy, requester: Principal, now: datetime
    ) -> HumanApprovalRequested:
        """Ask for a call. `known` has the approval under the id of the returned event."""
        self.asked += 1
        approval = Approval(
            approval_id=str(self.asked),
            tool=call.name,
            digest=call.digest,
            requester=requester,
            policy=policy,
            requested_at=now,
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
        self._record(approval, decision, now)
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
        """Reminders and expiries that are due."""
        due: list[Payload] = []
        for approval in self.pending:
            if now >= approval.expires_at:
                approval.state, approval.decided_at = "expired", now
                due.append(HumanApprovalExpired(approval_id=approval.approval_id))
            elif now >= approval.remind_at and not approval.reminded:
                approval.reminded = True
                due.append(HumanApprovalReminded(approval_id=approval.approval_id, expires_at=approval.expires_at))
        return due

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
        times = [a.expires_at if a.reminded else a.remind_at for a in self.pending]
        return min(times, default=None)

    def _record(self, approval: Approval, decision: ApprovalDecision, now: datetime) -> None:
        approval.by, approval.decided_at = decision.by, now
        approval.reason = preview(decision.reason, EVENT_PREVIEW)
        if decision.decision == "deny":
            approval.state = "denied"
            return
        approval.approved_by.append(decision.by)
        if decision.rules >= 2:
            approval.scopes.append(decision.scope)
        if decision.edited_ref:
            approval.edited_ref, approval.digest = decision.edited_ref, decision.digest
        if len(approval.approved_by) >= approval.policy.quorum:
            approval.state = "approved"
            if approval.granted_by(decision) == "task" and approval.tool not in self.granted:
                self.granted.append(approval.tool)

    def _remember(self, approval: Approval) -> None:
        self.known[approval.approval_id] = approval
        decided = [key for key, known in self.known.items() if known.state != "pending"]
        for key in decided[:-MAX_REMEMBERED_APPROVALS]:
            del self.known[key]


def _is_one(decision: ApprovalDecision, other: Principal, known: ResolvePrincipalResult | None = None) -> bool:
    """Whether who decides and the other person are one, by the rules that the decision came with."""
    known = known or ResolvePrincipalResult()
    if decision.rules < 2:
        return same_account(decision.by, other, known.groups)
    return same_human(decision.by, other, known.humans)
