"""Older processes, rows and histories are understood: what is wire keeps its names and kinds."""

import json
from typing import Any

import pytest

from tests.replay import wire

BEFORE: dict[str, Any] = json.loads(wire.RECORDED.read_text(encoding="utf-8"))
NOW = wire.shapes()
RENAMED = {"Press": "Click", "Doubt": "InDoubtCall"}  # names of shapes are ours; those of fields are wire
SAME_BYTES = {("Received", "body")}  # typed since: the kinds of signals that it always held
GROWN = {  # words that older ones do not know: they leave those to newer ones
    ("Press", "verb"),
    ("Intake", "state"),
    ("Approval", "scopes"),
    ("ApprovalCard", "scope"),
    ("ApprovalDecision", "scope"),
    ("ApprovalPolicy", "expire"),
    ("ApprovalRecord", "scope"),
    ("Claimed", "state"),
    ("HumanApprovalReceived", "said"),
    ("HumanApprovalReceived", "scope"),
    ("MCPToolResult", "outcome"),
    ("Subscription", "on"),
}


@pytest.mark.parametrize("kind", ["workflow", "signals", "queries", "activities"])
def test_names_that_are_called_stay(kind: str) -> None:
    assert set(BEFORE["names"][kind]) <= set(wire.names()[kind])


@pytest.mark.parametrize("name", BEFORE["shapes"])
def test_a_shape_keeps_its_fields_and_asks_for_no_more(name: str) -> None:
    before, now = BEFORE["shapes"][name], NOW[RENAMED.get(name, name)]
    changed = {field for field, kind in before["fields"].items() if now["fields"].get(field) != _renamed(kind)}
    grown = {
        field for field in changed if (name, field) in GROWN and _holds(now["fields"][field], before["fields"][field])
    }
    assert {field for field in changed - grown if (name, field) not in SAME_BYTES} == set(), (
        "older ones know these fields otherwise; where a union has only grown, CONTRIBUTING.md (A card) says what to do"
    )
    assert set(now["required"]) <= set(before["required"])


def _holds(now: Any, before: Any) -> bool:
    """A choice of words, or of kinds, that all are there still."""
    if "enum" in before and "enum" in now:
        return set(before["enum"]) <= set(now["enum"])
    if "items" in before and "items" in now:
        return _holds(now["items"], before["items"])
    if "anyOf" in now:
        return all(any(_holds(kind, one) for kind in now["anyOf"]) for one in before.get("anyOf", [before]))
    return bool(now == before)


def _renamed(kind: Any) -> Any:
    text = json.dumps(kind)
    for old, new in RENAMED.items():
        text = text.replace(f'/{old}"', f'/{new}"')
    return json.loads(text)
