"""Manners of a thread as a table: what a line does there."""

from typing import Any

import pytest

from threadwork.workflows.manners import Line, Thread, Verdict, chosen, judge

WAITS: dict[str, Any] = {"approvals": 1}
ASKS: dict[str, Any] = {"asks": True}
OFFERS: dict[str, Any] = {"asks": True, "options": ("staging", "production")}
REQUESTER: dict[str, Any] = {"by_requester": True}
STOP: dict[str, Any] = {"control": "stop"}
APPROVE: dict[str, Any] = {"decision": "approve"}
YES: dict[str, Any] = {"decision": "approve", "loosely": True}


@pytest.mark.parametrize(
    ("line", "thread", "verdict"),
    [
        # control words
        (STOP, {}, "control"),
        (STOP | {"to_others": True}, {}, "aside"),
        (STOP, {"follow_ups": "off"}, "control"),
        (STOP, {"ended": True}, "control"),
        ({"control": "pause"}, WAITS, "control"),
        # said to somebody else
        ({"to_others": True}, {}, "aside"),
        ({"to_others": True}, WAITS, "aside"),
        ({"to_others": True} | REQUESTER, ASKS, "aside"),
        ({"to_others": True}, {"ended": True}, "aside"),
        ({"to_others": True} | APPROVE, WAITS, "aside"),
        ({"aside": True, "mentioned": True}, {}, "aside"),
        # decisions
        (APPROVE, WAITS, "decide"),
        (APPROVE | {"number": "2"}, {"approvals": 3}, "decide"),
        (APPROVE, {"approvals": 2}, "which_approval"),
        (YES, WAITS, "did_you_mean"),
        (YES | {"to_us": True}, WAITS, "decide"),
        (YES | {"right_after": True}, WAITS, "decide"),
        (YES | {"mentioned": True}, WAITS, "decide"),
        (YES | {"to_us": True}, {"approvals": 2}, "which_approval"),
        (YES, {}, "follow_up"),
        (APPROVE, {}, "follow_up"),
        (APPROVE | {"number": "1"}, {}, "decide"),
        (APPROVE, WAITS | {"follow_ups": "off"}, "decide"),
        (YES | REQUESTER, ASKS, "answer"),
        (APPROVE, {"ended": True, "approvals": 1}, "go_on_with_this"),
        # what the agent is told of
        ({}, {"follow_ups": "mentions"}, "unheard"),
        ({"mentioned": True}, {"follow_ups": "mentions"}, "follow_up"),
        ({"mentioned": True}, {"follow_ups": "off"}, "unheard"),
        (REQUESTER, ASKS | {"follow_ups": "mentions"}, "unheard"),
        # answers
        (REQUESTER, ASKS, "answer"),
        ({}, ASKS, "follow_up"),
        ({"mentioned": True}, ASKS, "answer"),
        ({"text": "Staging."}, OFFERS, "answer"),
        ({"text": "the third one"} | REQUESTER, OFFERS, "is_it_the_answer"),
        ({"text": "the third one"}, OFFERS, "follow_up"),
        ({"text": "the third one", "mentioned": True}, OFFERS, "is_it_the_answer"),
        # follow-ups
        ({}, {}, "follow_up"),
        ({}, WAITS, "follow_up"),
        (REQUESTER, WAITS, "follow_up"),
        # after the end
        ({}, {"ended": True}, "go_on_with_this"),
        (REQUESTER, {"ended": True}, "go_on_with_this"),
        (REQUESTER | {"right_after": True}, {"ended": True}, "follow_up"),
        ({"right_after": True}, {"ended": True}, "go_on_with_this"),
        ({"to_us": True}, {"ended": True}, "follow_up"),
        ({"mentioned": True}, {"ended": True}, "follow_up"),
        ({}, {"ended": True, "joined": True}, "unheard"),
        ({"to_us": True}, {"ended": True, "joined": True}, "follow_up"),
        (REQUESTER | {"right_after": True}, {"ended": True, "joined": True}, "unheard"),
        ({"mentioned": True}, {"ended": True, "joined": True}, "follow_up"),
    ],
)
def test_what_a_line_does(line: dict[str, Any], thread: dict[str, Any], verdict: Verdict) -> None:
    assert judge(Line.model_validate({"text": "Look at the logs"} | line), Thread.model_validate(thread)) == verdict


@pytest.mark.parametrize(
    ("text", "option"),
    [("staging", "staging"), (" STAGING! ", "staging"), ("stagings", ""), ("", ""), ("staging or production", "")],
)
def test_an_option_is_one_whatever_its_case(text: str, option: str) -> None:
    assert chosen(text, ("staging", "production")) == option
