"""What people of a quorum allowed, and who counts as one of them: the state machine alone, under old and new rules."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.approval_events import HumanApprovalIgnored, HumanApprovalReceived
from threadwork.workflows.approvals import Approvals
from threadwork.workflows.call_requests import ProposedCall
from threadwork.workflows.domain.approval_records import ApprovalRecord
from threadwork.workflows.domain.resume_state import resume_state
from threadwork.workflows.event_types import Payload
from threadwork.workflows.messages import ApprovalDecision
from threadwork.workflows.run_requests import ResolvePrincipalResult
from threadwork.workflows.values import LOCAL, Principal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALL = ProposedCall(tool_call_id="c1", name="notes.write", arguments_ref="r", arguments_preview="{}", digest="d")
BOB = Principal(platform="slack", workspace="T1", user_id="U2", resume_state="member")
CAROL = Principal(platform="slack", workspace="T1", user_id="U3", resume_state="member")
GINA_MENTIONED = Principal(platform="slack", workspace="E013Y3SHLAY", user_id="W013QGS7BPF")
GINA_CLICKED = Principal(platform="slack", workspace="T014GJXU940", user_id="W013QGS7BPF")
API = Principal(platform="api", user_id="token")


def asked(policy: ApprovalPolicy, requester: Principal = LOCAL) -> Approvals:
    approvals = Approvals()
    approvals.request(CALL, "", policy, requester, NOW)
    return approvals


def approve(
    approvals: Approvals, by: Principal, scope: str = "once", rules: int = 2, humans: Sequence[str] = ()
) -> Payload:
    decision = ApprovalDecision(
        click_id=f"{by.key}{scope}", approval_id="1", decision="approve", scope=scope, by=by, rules=rules
    )
    return approvals.decide(decision, ResolvePrincipalResult(humans=tuple(humans)), NOW)


@pytest.mark.parametrize(
    ("first", "second", "granted"),
    [("once", "task", []), ("task", "once", []), ("task", "task", ["notes.write"]), ("once", "once", [])],
)
def test_a_quorum_grants_only_what_all_of_it_granted(first: str, second: str, granted: list[str]) -> None:
    approvals = asked(ApprovalPolicy(quorum=2))
    approve(approvals, BOB, first)
    told = approve(approvals, CAROL, second)

    assert isinstance(told, HumanApprovalReceived)
    assert (told.final, told.scope) == (True, "task" if granted else "once")
    assert told.said == ("task" if second == "task" and not granted else None)
    assert approvals.granted == granted


def test_a_vote_of_an_older_version_is_not_taken_for_more_than_this_once() -> None:
    approvals = asked(ApprovalPolicy(quorum=2))
    approve(approvals, BOB, "task", rules=1)
    approve(approvals, CAROL, "task")
    assert approvals.granted == []


def test_a_last_vote_of_an_older_version_grants_nothing_that_the_others_did_not() -> None:
    """While versions change, an older bot may hand on the last click."""
    approvals = asked(ApprovalPolicy(quorum=2))
    approve(approvals, BOB, "once")
    told = approve(approvals, CAROL, "task", rules=1)
    assert isinstance(told, HumanApprovalReceived)
    assert (told.final, told.scope) == (True, "once")
    assert approvals.granted == []


@pytest.mark.parametrize(
    ("votes", "granted"), [(("once", "task"), ()), (("task", "task"), ("notes.write",)), (("task",), ("notes.write",))]
)
def test_a_run_that_is_woken_takes_over_only_what_a_whole_quorum_granted(
    votes: Sequence[str], granted: Sequence[str]
) -> None:
    """Rows of older versions have the last vote's scope as the approval's."""
    given = tuple({"by": BOB.model_dump(), "decision": "approve", "scope": scope} for scope in votes)
    facts = {"task_id": "t", "approval_id": "1", "tool": "notes.write", "state": "approved", "scope": "task"}
    record = ApprovalRecord.model_validate({**facts, "decisions": given, "requested_at": NOW})
    assert resume_state((), [record], ())["granted_tools"] == granted


def test_decisions_of_older_versions_count_as_they_did() -> None:
    """A history of theirs must replay to the same grant, and to the same two people."""
    approvals = asked(ApprovalPolicy(quorum=2))
    approve(approvals, GINA_MENTIONED, "once", rules=1)
    approve(approvals, GINA_CLICKED, "task", rules=1)
    assert approvals.granted == ["notes.write"]


@pytest.mark.parametrize(
    ("requester", "by", "humans"),
    [
        (GINA_MENTIONED, GINA_CLICKED, ()),
        (LOCAL, API, ()),
        (LOCAL, BOB, ("slack::U2", "machine")),  # linked, or linked when the task began
        (BOB, BOB.model_copy(update={"workspace": "T9"}), ()),
    ],
    ids=["teams of payloads", "loopback and token", "linked", "two installations"],
)
def test_nobody_approves_what_they_asked_for(requester: Principal, by: Principal, humans: Sequence[str]) -> None:
    approvals = asked(ApprovalPolicy(four_eyes=True), requester)
    assert isinstance(approve(approvals, by, humans=humans), HumanApprovalIgnored)
    assert isinstance(approve(approvals, CAROL), HumanApprovalReceived)


@pytest.mark.parametrize(("one", "other"), [(GINA_MENTIONED, GINA_CLICKED), (LOCAL, API)])
def test_nobody_counts_twice(one: Principal, other: Principal) -> None:
    approvals = asked(ApprovalPolicy(quorum=2), CAROL)
    approve(approvals, one)
    assert isinstance(approve(approvals, other), HumanApprovalIgnored)
    assert approvals.known["1"].state == "pending"
