"""Saved histories replay: a change to the workflow that would break runs under way is seen here."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from tests.replay.emitted import END, Said, events, kept, recorded, replayed

FOLDER = Path(__file__).parent / "histories"
HISTORIES = sorted(FOLDER.glob("*/*.json"))
BEFORE_AUTHORITY = FOLDER / "4-before-authority"


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_saved_history_replays_and_says_what_it_said(path: Path) -> None:
    history = WorkflowHistory.from_json("task", path.read_text())
    before, after = recorded(history), await replayed(history)
    told = events(after)
    assert [event for number, event in events(before).items() if told.get(number) != event] == []
    assert [name for name, request in before.items() if not kept(request, after.get(name))] == []


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"batch": {"events": [{"seq": 1}]}}, {"batch": {"events": [{"seq": 1, "more": 2}]}}, False),
    ],
)
def test_messages_may_gain_fields_and_events_may_not(before: Any, after: Any, same: bool) -> None:
    assert kept(before, after) is same


def test_the_saved_histories_hold_what_they_are_kept_for() -> None:
    whole = "".join(path.read_text() for path in HISTORIES if path.stem.startswith("full_run"))
    for kept_for in ("ContinuedAsNew", "decide_approval", "pause_execution", "add_follow_up", "notify_thread_activity"):
        assert kept_for in whole
    assert sum(path.stem.startswith("full_run") for path in HISTORIES) >= 3


@pytest.mark.parametrize(
    ("story", "type_", "times"),
    [
        ("quorum_once_then_task", "human_approval.requested", 2),  # and then it was granted by the last word alone
        ("quorum_task_then_once", "human_approval.requested", 3),
        ("quorum_by_one_id_of_two_teams", "tool_call.completed", 1),  # two teams, two people
        ("four_eyes", "human_approval.ignored", 2),  # not that of the requester's id under another team
        ("task_scope", "human_approval.requested", 3),
        ("linked_four_eyes", "human_approval.ignored", 3),
        ("linked_quorum", "human_approval.ignored", 2),
        ("unlinked_meanwhile", "human_approval.received", 1),  # by the requester's account of before
        ("a_reply_looked_up_while_the_task_ends", "workflow.continued", 1),
        ("groups_looked_up", "click.refused", 3),
        ("groups_looked_up_in_vain_at_first", "human_approval.received", 1),
        ("reply_while_an_approval_waits", "human_approval.superseded", 2),
        ("reply_while_a_question_waits", "question.answered", 2),
        ("reply_while_a_budget_waits", "click.refused", 3),
        ("people_of_another_team", "human_approval.received", 1),
        ("edited_arguments", "human_approval.ignored", 2),
        ("nobody_decides", "human_approval.reminded", 1),
        ("nobody_decides", "human_approval.expired", 1),
        ("every_click_twice", "budget.increased", 1),
        ("woken_with_a_tool_granted", "human_approval.requested", 1),
    ],
)
def test_the_stories_of_people_hold_what_they_are_kept_for(story: str, type_: str, times: int) -> None:
    told = {number: event for said in _said(story) for number, event in events(said).items()}
    assert Counter(event["type"] for event in told.values())[type_] == times


def test_runs_continued_as_new_in_the_middle_of_a_quorum_and_with_people_to_look_up() -> None:
    states = [said[END]["state"] for said in _said("continued_with_half_a_quorum") if "state" in said[END]]
    voters = [len(approval["approved_by"]) for state in states for approval in state["approvals"]["known"].values()]
    assert 1 in voters
    states = [said[END]["state"] for said in _said("continued_with_people_to_look_up") if "state" in said[END]]
    assert max(len(state["inbox"]) for state in states) == 3


def _said(story: str) -> list[Said]:
    paths = sorted(BEFORE_AUTHORITY.glob(f"{story}-*.json"))
    return [recorded(WorkflowHistory.from_json("task", json.loads(path.read_text()))) for path in paths]
