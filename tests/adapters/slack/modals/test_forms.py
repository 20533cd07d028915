"""Windows, the home page and answers to one person: that Slack takes them, and what comes back from them."""

import json
from typing import Any

import pytest

from tests.adapters.card_cases import ANNA, APPROVAL, EVIL, NOW, QUESTION, RUNNING, changed
from tests.fake_slack.blocks import problems, too_large, total, view_problems
from threadwork.adapters.slack.cards.plain_text import read
from threadwork.adapters.slack.modals.edit_form import edited
from threadwork.adapters.slack.modals.forms import (
    ASKED_FIRST,
    MODALS,
    details_modal,
    errors,
    form,
    given,
    start_modal,
    started,
    told,
    uploaded,
)
from threadwork.adapters.slack.modals.home import home, home_message
from threadwork.adapters.slack.modals.responses import response
from threadwork.adapters.slack.modals.views import BadForm, packed_up, unpacked
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Attachment, Choices, Details, Ended, Home, Item, Pending, Response
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Status

SINK = Sink(platform="slack", workspace="T1", channel="C1")
EDIT = Click(verb="edit", task_id="t1", about="1", detail="0123456789abcdef")
CHOICES = Choices(agents=(("default", "Helps with anything"), ("triage", "")), models=("openai/gpt-5-mini",))


def link(sink: Sink, message_id: str) -> str:
    return f"https://acme.slack.com/archives/{sink.channel}/p{message_id.replace('.', '')}"


def typed(**values: Any) -> dict[str, Any]:
    """`view.state.values` as Slack sends them; a tuple stands for an option of a choice."""
    named = {name.replace("_", ":"): value for name, value in values.items()}
    return {name: {name: _value(value)} for name, value in named.items()}


def _value(value: Any) -> dict[str, Any]:
    return {"selected_option": {"value": value[0]}} if isinstance(value, tuple) else {"value": value}


def arguments(**known: Any) -> Any:
    return changed(APPROVAL, arguments=json.dumps(known))


def inputs(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in view["blocks"] if block["type"] == "input"]


# --- starting a task -------------------------------------------------------------------------------------


def test_the_start_form_offers_what_there_is_and_remembers_where_it_was_asked_for() -> None:
    view = start_modal(CHOICES, "C1 1700.1", "Look into <this>")
    assert view_problems(view) == []
    assert view["callback_id"] == "start"
    assert unpacked(view["private_metadata"]) == ("C1 1700.1", None)
    assert read(view["blocks"]) == (
        "What should the agent do?: Look into <this>\n"
        "Agent: default: Helps with anything\n"
        "Budget in dollars: ____ (Empty: the agent's own budget.)\n"
        "Model (empty: the agent's own): ____\n"
        "Files: ____"
    )


def test_what_was_filled_in_becomes_a_form() -> None:
    state = typed(goal="Do it", agent=("triage",), budget=" 2.50 ", model=None)
    notes = Attachment(name="a.txt", text="hello")
    made = started(state, (notes,))
    assert (made.goal, made.agent, made.model, made.budget, made.files) == ("Do it", "triage", "", "2.50", (notes,))
    assert uploaded({"files": {"files": {"files": [{"id": "F1"}]}}}) == [{"id": "F1"}]
    assert uploaded(state) == []


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_slack_takes_the_start_form_whatever_there_is_to_choose(text: str) -> None:
    many = Choices(agents=((text, text), *((f"a{n}", text) for n in range(300))), models=(text,) * 300, agent=text)
    assert view_problems(start_modal(many, "o" * 2_900, text)) == []
    assert view_problems(start_modal(Choices(), "")) == []


# --- forms behind buttons ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", MODALS)
def test_every_form_names_its_button_and_keeps_it(verb: Any) -> None:
    press = Click(verb=verb, task_id="t1", about="1", detail="d")
    view = form(press, "C1", QUESTION if verb == "answer" else APPROVAL)
    assert view_problems(view) == []
    assert view["callback_id"] == f"form:{verb}"
    assert unpacked(view["private_metadata"]) == ("C1", press)
    assert inputs(view) or verb in ASKED_FIRST


@pytest.mark.parametrize("verb", MODALS)
@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_slack_takes_every_form_whatever_stands_in_it(verb: Any, text: str) -> None:
    cards: tuple[ApprovalCard | QuestionCard | None, ...] = (
        APPROVAL.model_copy(update={"tool": text, "arguments": text}),
        APPROVAL.model_copy(update={"arguments": json.dumps({text: text, "n": 1})}),
        APPROVAL.model_copy(update={"arguments": json.dumps({"list": [text]})}),
        QUESTION.model_copy(update={"question": text}),
        None,
    )
    for card in cards:
        assert view_problems(form(Click(verb=verb, task_id="t1"), "o" * 2_500, card)) == []


def test_a_window_of_another_version_is_told_so() -> None:
    for metadata in ("", "[]", "C1", '{"press": "nonsense|", "origin": ""}'):
        with pytest.raises(Rejected, match="another version"):
            unpacked(metadata)


def test_an_origin_that_does_not_fit_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        packed_up("o" * 3_000)


def test_a_reason_is_what_was_typed() -> None:
    assert given(Click(verb="deny_because", task_id="t1"), typed(given=" Not now "), APPROVAL) == "Not now"


def test_a_refusal_is_shown_at_the_first_input() -> None:
    assert errors(typed(given="x"), "No such amount.") == {"given": "No such amount."}
    assert errors({}, "Nothing to show it at.") == {}


# --- edited arguments ----------------------------------------------------------------------------------------


def test_flat_arguments_have_an_input_each_with_what_they_are_now() -> None:
    card = arguments(name="a.md", text="one\ntwo", count=3, share=0.5, overwrite=True)
    view = form(EDIT, "C1", card)
    assert [block["label"]["text"] for block in inputs(view)] == ["name", "text", "count", "share", "overwrite"]
    kinds = [block["element"]["type"] for block in inputs(view)]
    assert kinds == ["plain_text_input", "plain_text_input", "number_input", "number_input", "static_select"]
    values = [block["element"].get("initial_value") for block in inputs(view)]
    assert values == ["a.md", "one\ntwo", "3", "0.5", None]
    assert inputs(view)[4]["element"]["initial_option"]["value"] == "true"


def test_edited_arguments_keep_their_types() -> None:
    card = arguments(name="a.md", count=3, share=0.5, overwrite=True, note="x")
    state = typed(argument_0="b.md", argument_1="-4", argument_2="2", argument_3=("false",), argument_4=None)
    made = json.loads(edited(state, card))
    assert made == {"name": "b.md", "count": -4, "share": 2.0, "overwrite": False, "note": ""}
    assert [type(value) for value in made.values()] == [str, int, float, bool, str]


def test_every_input_that_cannot_be_used_is_told_by_its_own_name() -> None:
    card = arguments(count=3, share=0.5, overwrite=True)
    with pytest.raises(BadForm) as caught:
        edited(typed(argument_0="3.5", argument_1="nan", argument_2=None), card)
    assert caught.value.errors == {
        "argument:0": "This must be a whole number.",
        "argument:1": "This must be a number.",
        "argument:2": "Choose true or false.",
    }


def test_what_is_not_edited_comes_back_as_it_was() -> None:
    known = {"name": "ä\n", "big": 2**52, "small": 0.001, "flag": False, "empty": "", "long": "x" * 5_000}
    card = arguments(**known)
    view = form(EDIT, "C1", card)
    state = {
        block["block_id"]: {
            block["block_id"]: {
                "value": block["element"].get("initial_value"),
                "selected_option": block["element"].get("initial_option"),
            }
        }
        for block in inputs(view)
    }
    assert json.loads(edited(state, card)) == known
    assert "long is too long to be edited here; it stays as it is" in read(view["blocks"])


def test_nested_arguments_are_edited_as_json() -> None:
    card = arguments(files=["a", "b"], deep={"n": None})
    view = form(EDIT, "C1", card)
    (block,) = inputs(view)
    assert json.loads(block["element"]["initial_value"]) == json.loads(card.arguments)
    assert json.loads(edited(typed(json='{"files": []}'), card)) == {"files": []}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"files": [}', "This is not JSON (line 1): check quotes, commas and brackets."),
        ("", "This is not JSON (line 1): check quotes, commas and brackets."),
        ('{"n": NaN}', "This is not JSON: check quotes, commas and brackets."),
        ("[1]", "The arguments must be an object: { … }."),
    ],
)
def test_json_that_cannot_be_used_says_why(text: str, sentence: str) -> None:
    with pytest.raises(BadForm) as caught:
        edited(typed(json=text), arguments(files=[]))
    assert caught.value.errors == {"json": sentence}


def test_arguments_too_long_for_a_window_say_what_to_do_instead() -> None:
    view = form(EDIT, "C1", arguments(files=["x" * 4_000]))
    assert "Deny with a reason" in read(view["blocks"])
    assert inputs(view) == []


# --- details, errors -----------------------------------------------------------------------------------------


def test_details_show_goal_state_plan_tools_and_where_to_look() -> None:
    details = Details(task_id="t1", goal="The whole goal", status=RUNNING, link="https://temporal.example/t1")
    view = details_modal(details)
    assert view_problems(view) == []
    assert read(view["blocks"]) == (
        "Goal\nThe whole goal\n"
        "🟢 Working · asked by Anna 02 Mar 09:30 UTC\n"
        "step 3 of 50\n▰▱▱▱▱▱▱▱▱▱ $0.12 of $1.00 · 12,345 tokens\n"
        "default · openai/gpt-5-mini\n"
        "Plan\n✓ Read last week's incidents\n▸ Group them by cause\n○ Write the summary\n"
        "Latest\nStep 2\n✓ notes.list_notes\nI will read the three longest ones first.\nStep 3\n"
        "Tools used\nnotes.list_notes × 1\nnotes.read_note × 4\n"
        "Task t1 · Open in Temporal"
    )


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_slack_takes_details_and_errors_whatever_stands_in_them(text: str) -> None:
    status = changed(RUNNING, plan=(PlanItem(text=text),) * 500, tools_used=((text, 1),) * 200, model=text)
    for view in (details_modal(Details(task_id=text, goal=text, status=status, link=text)), told(text, text)):
        assert view_problems({**view, "title": {"type": "plain_text", "text": "T"}}) == []
        assert not too_large(view)


# --- home and answers ------------------------------------------------------------------------------------------


def task(goal: str = "Summarise the incidents") -> TaskRecord:
    return TaskRecord(
        task_id="t1", goal=goal, agent="default", by=ANNA, status=Status.RUNNING, created_at=NOW, updated_at=NOW
    )


def item(text: str = "**Summarise** the incidents · working", verb: Any = "pause") -> Item:
    button = Button(label="Pause", press=Click(verb=verb, task_id="t1"))
    return Item(text=text, sink=SINK, message_id="1700.1", buttons=(button,))


def page(text: str = "**Count** the files", times: int = 1, answer: str = "There are **12**.") -> Home:
    asked = Item(text=f"{text}\nasks: Which folder?", sink=SINK, message_id="1700.1", buttons=(ANSWER_BUTTON,))
    return Home(
        running=(item(),) * times,
        approvals=(Pending(task=task(), card=APPROVAL, where=item()),) * times,
        questions=(asked,) * times,
        ended=(Ended(where=item(text, "details"), answer=answer),) * times,
        agents=(("default", "Helps with anything"), ("triage", "")) * times,
        spent_day=0.25,
        spent_week=3.5,
    )


ANSWER_BUTTON = Button(label="Answer …", press=Click(verb="answer", task_id="t1", about="1"))


def test_home_shows_what_waits_what_runs_what_ended_and_whom_one_may_ask() -> None:
    view = home(page(), link)
    assert view_problems(view) == []
    assert read(view["blocks"]) == (
        "[Start a task] [Ask triage]\n"
        "Waiting for you\n"
        "🟠 Allow Write note (notes)?\nTool: notes.write_note\nFor: Summarise the incidents\nExpires 03 Mar 09:30 UTC\n"
        "    name: incidents.md\n    overwrite: true\n    text:\n"
        "    │ # Incidents\n    │ \n    │ - 3 time-outs\n    │ - 1 disk full\n"
        "[Allow once] [Deny] [Open]\n"
        "*Count* the files\nasks: Which folder?\n[Answer …] [Open]\n"
        "Your tasks\n*Summarise* the incidents · working\n[Pause] [Open]\n"
        "Ended lately\n*Count* the files\n│ There are 12.\n[Pause] [Open]\n"
        "Agents you may ask\ndefault: Helps with anything\ntriage\n"
        "Spent in the last 24 hours: $0.25, in the last 7 days: $3.50. /agent help lists what you can type."
    )


def test_home_stays_within_a_view_and_within_a_message_however_much_there_is() -> None:
    whole = page("x" * 5_000, 60, "```\n" + "line\n" * 400)
    view = home(whole, link)
    assert view_problems(view) == []
    assert not too_large(view)
    made = home_message(whole, link, Response(text="Paused."))
    assert problems(made["blocks"], "message") == []
    assert total(made["blocks"]) <= 12_000
    assert read(made["blocks"]).startswith("Paused.\n[Start a task]")


def test_an_answer_is_read_whole_in_details() -> None:
    answer = "# Found\n" + "One of **many** lines & more.\n" * 300
    view = details_modal(Details(task_id="t1", goal="Count", status=RUNNING, answer=answer))
    assert view_problems(view) == []
    text = read(view["blocks"])
    assert "Answer\n*Found*" in text
    assert text.count("One of *many* lines") == 300
    endless = details_modal(Details(task_id="t1", goal="Count", status=RUNNING, answer=answer * 40))
    assert view_problems(endless) == []
    assert "There is more of it in the thread." in read(endless["blocks"])


def test_an_empty_home_says_how_to_begin() -> None:
    view = home(Home(), link)
    assert view_problems(view) == []
    assert "No task of yours is running. Start one here, or type /agent run and a goal." in read(view["blocks"])


def test_nothing_is_approved_on_the_home_page_that_is_not_shown_there_whole() -> None:
    card = arguments(text="line\n" * 200)
    view = home(Home(approvals=(Pending(task=task(), card=card, where=item()),)), link)
    text = read(view["blocks"])
    assert "[Allow once]" not in text
    assert "[Deny] [Open]" in text
    assert "This is not all of it" in text


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_slack_takes_home_and_answers_whatever_stands_in_them(text: str) -> None:
    card = changed(APPROVAL, tool=text, arguments=text, why=text)
    page = Home(
        running=(item(text),) * 60,
        approvals=(Pending(task=task(text[:400]), card=card, where=item(text)),) * 60,
        questions=(item(text),) * 60,
        ended=(Ended(where=item(text), answer=text),) * 60,
        agents=((text[:200] or "a", text),) * 60,
    )
    assert view_problems(home(page, link)) == []
    assert problems(home_message(page, link)["blocks"], "message") == []
    assert view_problems(details_modal(Details(task_id="t1", goal="g", status=RUNNING, answer=text))) == []
    made = response(Response(text=text, items=(item(text),) * 60, tone="warning"), link)
    assert problems(made["blocks"], "message") == []
    assert total(made["blocks"]) <= 12_000
    assert made["text"]
    assert "more. Type /agent list to see all." in read(made["blocks"])


def test_an_answer_to_one_person_has_its_lines_with_their_buttons_and_ways_there() -> None:
    made = response(Response(text="One task of **yours**:", items=(item(), Item(text="no thread yet"))), link)
    assert read(made["blocks"]) == (
        "One task of **yours**:\n*Summarise* the incidents · working\n[Pause] [Open]\nno thread yet"
    )
    urls = [element["url"] for block in made["blocks"] for element in block.get("elements", ()) if "url" in element]
    assert urls == ["https://acme.slack.com/archives/C1/p17001"]


def test_a_warning_is_told_from_an_answer() -> None:
    assert response(Response(text="Not yours to decide.", tone="warning"), link)["text"] == "⚠️ Not yours to decide."
