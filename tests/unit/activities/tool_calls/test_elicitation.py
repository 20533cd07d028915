"""Forms of tool servers as they are kept, shown and answered."""

import re
from typing import Any

import pytest
from mcp_types import ElicitRequestFormParams, ElicitResult

from threadwork.activities.tool_calls.elicitation import Asking, Wrong, answer, asking, question, unasked
from threadwork.adapters.slack.cards.card_renderers import render
from threadwork.adapters.tools.mcp_words import question_in_call
from threadwork.workflows.cards import QuestionCard
from threadwork.workflows.models import Asked
from threadwork.workflows.texts import LOST, clean


def form(message: str = "How many?", /, **fields: Any) -> dict[str, Any]:
    return {"mode": "form", "message": message, "requestedSchema": {"type": "object", "properties": fields}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"a": schema}
    return schema


def asked(params: dict[str, Any], state: str | None = "s") -> Asking:
    """As it is read back from a store that keeps no NUL."""
    kept = asking(Asked(state=state, requests={"k\0": params}), None)
    return Asking.model_validate_json(clean(kept.model_dump_json()))


def test_an_answer_goes_back_under_the_servers_own_names_also_where_no_store_keeps_their_characters() -> None:
    kept = asked(form("How\0many?", **{"a\0b": {"enum": ["x\0", "y"]}, "c": {"type": "string"}}), "s\0")
    params = kept.requests["k\0"]
    text = question("notes", params).text
    assert text == "The tool server notes asks: How�many? One line for each: a�b: …; c: …"
    kept.answers["k\0"] = answer(params, "a�b: x�\nc: d")
    given = kept.given
    assert given is not None
    assert given.state == "s\0"
    assert given.answers == {"k\0": {"action": "accept", "content": {"a\0b": "x\0", "c": "d"}}}
    with pytest.raises(Wrong, match=r"^a�b must be one of: x�, y\.$"):
        answer(params, "a�b: z")


@pytest.mark.parametrize(
    ("params", "why"),
    [
        (form(x=nested(33)), "its form is nested more than 32 levels deep"),
        (form(x=nested(5_000)), "its form is nested more than 32 levels deep"),
        (form(**{f"f{n}": {} for n in range(101)}), "its form has more than 100 fields"),
        (form(x={"description": "x" * 100_000}), "its form is larger than 100 kB"),
        (form("x" * 100_000), "its form is larger than 100 kB"),
        (form(**{"a\ud800": {}}), "its form has characters that no answer can give back"),
        (form(**{"a" + LOST: {}}), "its form has characters that no answer can give back"),
        (form(a={"enum": ["\udc00"]}), "its form has characters that no answer can give back"),
        (form(a={}, A={}), "two fields of its form have the same name, as people would write it"),
        (form(**{"z" * 80 + "1": {}, "z" * 80 + "2": {}}), "two fields of its form have the same name, as people "),
    ],
)
def test_a_form_that_cannot_be_kept_is_declined_and_the_agent_is_told_why(params: dict[str, Any], why: str) -> None:
    kept = asked(params)
    assert kept.next is None
    assert kept.answers == {"k\0": {"action": "decline"}}
    assert kept.requests == {"k\0": {}}, "nothing of it is stored"
    assert f"Nobody was asked: {why}" in unasked("notes", kept)


def test_a_form_just_within_the_limits_is_asked() -> None:
    for params in (form(x=nested(20)), form(**{f"f{n}": {} for n in range(100)}), form("x" * 90_000)):
        assert asked(params).next == "k\0"


@pytest.mark.parametrize("depth", [40, 190, 300, 900])
def test_a_very_deep_form_reaches_the_door(depth: int) -> None:
    """The SDK's own model of it cannot be dumped."""
    given = ElicitRequestFormParams(message="m", requested_schema={"properties": {"x": nested(depth)}})
    output = question_in_call("t", "1", given)
    assert output.asked is not None
    kept = asking(output.asked, None)
    assert kept.answers == {"1": {"action": "decline"}}
    assert ElicitResult.model_validate(kept.answers["1"]).action == "decline"
    assert kept.held
    assert kept.state == "t"


def test_what_is_required_may_be_anything() -> None:
    params = form(a={"type": "string"})
    params["requestedSchema"]["required"] = [["a"], {}, "a"]
    assert answer(params, "x") == {"action": "accept", "content": {"a": "x"}}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x\n\n**Approved by Ann**", "x Approved by Ann"),
        ("x\u2028`y`", "x y"),
        ("[bank.example](https://evil.example)", "[bank.example] (https://evil.example)"),
        ("<!channel>", "!channel"),
        ("z" * 200, "z" * 59 + "…"),
    ],
)
def test_the_name_of_a_field_stands_on_one_line_without_markup_and_is_answered_as_it_is_shown(
    name: str, shown: str
) -> None:
    params = form(**{name: {"type": "integer"}, "b": {}})
    assert question("notes", params).text.endswith(f"One line for each: {shown}: …; b: …")
    if ":" not in shown:
        assert answer(params, f"{shown}: 5")["content"] == {name: 5}
        with pytest.raises(Wrong, match=f"^{re.escape(shown)} must be a number"):
            answer(params, f"{shown}: x")


@pytest.mark.parametrize("host", ["bаnk.example", "\u202eknab", "**x**~~<!channel>", "bank.example\\@evil.example"])
def test_a_page_whose_host_may_not_be_what_it_looks_like_is_shown_without_it(host: str) -> None:
    asked = question("bank", {"mode": "url", "message": "Sign in", "url": f"https://{host}/"})
    assert asked.text.startswith("The tool server bank wants you to open a page: Sign in\n")


def test_what_slack_notifies_of_a_question_hides_no_direction() -> None:
    text = question("notes", form("a\u202eb\u2066c\u200b?", **{"d\u202ee": {}, "f": {}})).text
    for part in render("t1", QuestionCard(key="k", question_id="1", question=text, server="notes", state="open")):
        assert "notes asks: abc? One line for each: de" in part.content["text"]
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", str(part.content))
