"""One approval as a pure state machine: pending → approved | denied | expired | superseded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from threadwork.workflows.access import allowed, same_account, same_human
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.grants import FOREVER, LONGEST, SCOPES, GrantTerms, GrantWish, Scope, in_common
from threadwork.workflows.messages import ApprovalDecision, FollowUp
from threadwork.workflows.run_requests import ResolvePrincipalResult
from threadwork.workflows.values import EVENT_PREVIEW, Principal, preview

NEVER_EXPIRES = 86_400  # seconds: twice the time after which somebody is reminded of one that never expires
SHOWN_LINE = 200  # characters of a line that holds a decision back


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
    terms: GrantTerms | None = None  # on which the tool may be allowed for good. None: it may not
    wishes: list[GrantWish] = Field(default_factory=list)  # of those among `approved_by` who said always
    escalated_at: datetime | None = None  # since when others are asked too
    prolonged: bool = False  # they have as much time as the first had

    @property
    def expires_at(self) -> datetime:
        if self.policy.expire is None:
            return FOREVER
        since = self.escalated_at if self.prolonged and self.escalated_at else self.requested_at
        return since + timedelta(seconds=self.policy.expire)

    @property
    def remind_at(self) -> datetime:
        expire = NEVER_EXPIRES if self.policy.expire is None else self.policy.expire
        return self.requested_at + timedelta(seconds=expire / 2)

    @property
    def escalate_at(self) -> datetime | None:
        """When others are to be asked too. None: they are, or nobody is."""
        escalation = self.policy.escalate
        if escalation is None or escalation.after is None or self.escalated_at:
            return None
        return self.requested_at + timedelta(seconds=escalation.after)

    @property
    def wish(self) -> GrantWish | None:
        """The grant that all who approved agree on."""
        return in_common(self.wishes) if len(self.wishes) == len(self.approved_by) else None

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
        return unseen(decision, lines, self.requester, self.policy.approvers, known)

    def hangs_on_accounts(self, decision: ApprovalDecision) -> bool:
        """True if other accounts of the person, not looked up yet, may tell whether the decision has an effect."""
        if self.state != "pending":
            return False
        if not allowed(decision.by, self.policy.approvers):
            return True
        if decision.scope == "always" and self.terms and not allowed(decision.by, self.terms.members):
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
        return self._objection_to_granting(decision, known) if decision.scope == "always" else ""

    def _objection_to_granting(self, decision: ApprovalDecision, known: ResolvePrincipalResult) -> str:
        if self.terms is None:
            return f"{self.tool} cannot be allowed for good. Allow it once, or for this task."
        if not allowed(decision.by, self.terms.members, known.groups):
            return "You may not allow tools for good. You can allow it once, or for this task."
        if decision.grant is None:
            return "Choose for whose tasks it is allowed, and until when. Nothing is approved yet."
        if decision.grant.seconds is not None and not decision.grant.seconds <= LONGEST:
            return "That is too long. Allow it until somebody takes it back. Nothing is approved yet."
        if decision.grant.scope == "channel" and not self.terms.channel:
            return "This task lives in no channel. Choose whose tasks it is allowed for."
        return "Edited arguments are allowed once. Nothing is approved yet." if decision.edited_ref else ""

    def take(self, decision: ApprovalDecision, now: datetime) -> None:
        """A decision that nothing is to be said against: a denial ends it, the last approval of a quorum does."""
        self.by, self.decided_at = decision.by, now
        self.reason = preview(decision.reason, EVENT_PREVIEW)
        if decision.decision == "deny":
            self.state = "denied"
            return
        self.approved_by.append(decision.by)
        if decision.rules >= 2:
            self.scopes.append(decision.scope)
        if decision.scope == "always" and decision.grant:
            self.wishes.append(decision.grant)
        if decision.edited_ref:
            self.edited_ref, self.digest = decision.edited_ref, decision.digest
        if len(self.approved_by) >= self.policy.quorum:
            self.state = "approved"

    def granted_by(self, decision: ApprovalDecision) -> Scope:
        """What is allowed once this decision completes the approval: no more than all who make it up said.

        Before the second rules the last word alone counted: in quorums of which nobody's word is known."""
        if decision.rules < 2 and not self.scopes:
            return decision.scope
        if len(self.scopes) != len(self.approved_by):
            return "once"
        least: Scope = min(self.scopes, key=SCOPES.index, default="once")
        return "task" if least == "always" and self.wish is None else least


def unseen(
    decision: ApprovalDecision,
    lines: Sequence[FollowUp],
    requester: Principal,
    approvers: Sequence[str],
    known: ResolvePrincipalResult | None = None,
) -> str:
    """What the requester or an approver wrote that whoever approves had not seen: it may be a correction. Empty:
    nothing."""
    if decision.up_to is None:
        return ""
    ids = [line.message_id for line in lines]
    newer = lines[ids.index(decision.up_to) + 1 :] if decision.up_to in ids else lines
    for line in reversed(newer):
        concerned = allowed(line.by, approvers) or same_human(line.by, requester)
        if concerned and not _is_one(decision, line.by, known):
            said = preview(line.preview, SHOWN_LINE)
            return f"{line.by.shown} wrote since: “{said}”. Nothing is approved yet: approve again if it still holds."
    return ""


def _is_one(decision: ApprovalDecision, other: Principal, known: ResolvePrincipalResult | None = None) -> bool:
    """Whether who decides and the other person are one, by the rules that the decision came with."""
    known = known or ResolvePrincipalResult()
    if decision.rules < 2:
        return same_account(decision.by, other, known.groups)
    return same_human(decision.by, other, known.humans)
