"""What is a person's own as Discord takes it, by its own OpenAPI document."""

from typing import Any

import pytest

from tests.adapters.card_cases import ANNA, APPROVAL, EVIL, NOW
from tests.adapters.discord.message_contract import problems
from threadwork.adapters.discord.modals.confirmation import confirmation
from threadwork.adapters.discord.modals.home import HOME, back_home, home, is_home
from threadwork.bot.chat.lists import approval_item
from threadwork.workflows.buttons import Button, Click, Verb
from threadwork.workflows.inbound import Ended, Home, Item, Pending, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord, WaitingApproval
from threadwork.workflows.values import Status

SINK = Sink(platform="discord", workspace="500", channel="101")


def item(text: str, *verbs: Verb, task_id: str = "t1") -> Item:
    row = tuple(Button(label=verb.capitalize(), press=Click(verb=verb, task_id=task_id)) for verb in verbs)
    return Item(text=text, sink=SINK, message_id="900", buttons=row)


def pending(goal: str = "Count", arguments: str = '{"name": "a.md"}', task_id: str = "t3") -> Pending:
    task = TaskRecord(
        task_id=task_id, goal=goal, agent="default", by=ANNA, status=Status.RUNNING, created_at=NOW, updated_at=NOW
    )
    card = APPROVAL.model_copy(update={"arguments": arguments})
    return Pending(task=task, card=card, where=approval_item(WaitingApproval(task=task, card=card)))


def labels(made: dict[str, Any]) -> list[list[str]]:
    return [[one["label"] for one in row["components"]] for row in made["components"]]


def test_home_numbers_what_waits_runs_and_has_ended_with_the_buttons_of_each() -> None:
    page = Home(
        approvals=(pending(),),
        questions=(item("**Move**\nasks: Where to?", "answer", task_id="t2"),),
        running=(item("**Count**", "pause", "stop", "details"), item("**Sum**", "pause", "stop", task_id="t5")),
        ended=(Ended(where=item("**Weigh**", "details", task_id="t4"), answer="# Result\nIt is **12 kg**."),),
        agents=(("default", "Helps"), ("triage", "")),
        spent_day=0.25,
        spent_week=3.5,
    )
    made = home(page, Response(text="Paused.", tone="warning"))
    assert problems(made) == []
    assert labels(made) == [
        ["Start a task", "Ask triage", "Refresh"],
        ["1. Allow once", "1. Deny", "2. Answer"],
        ["3. Pause", "3. Stop", "4. Pause", "4. Stop"],
        ["5. Details"],
    ]
    (shown,) = made["embeds"]
    lines = shown["description"].split("\n")
    assert lines[0] == "⚠️ Paused."
    assert lines[-3:] == [
        "5. **Weigh** · [Open](https://discord.com/channels/500/101/900)",
        "> Result",
        "> It is 12 kg.",
    ]
    assert [line for line in lines if line.startswith("**")] == [
        "**Waiting for you**",
        "**Your tasks**",
        "**Ended lately**",
    ]
    assert shown["fields"] == [{"name": "Agents you may ask", "value": "**default**: Helps\n**triage**"}]
    assert shown["footer"]["text"] == "Spent in the last 24 hours: $0.25, in the last 7 days: $3.50"


def test_an_empty_home_says_how_to_begin() -> None:
    made = home(Home())
    assert problems(made) == []
    assert "No task of yours is running." in made["embeds"][0]["description"]
    assert labels(made) == [["Start a task", "Refresh"]]


@pytest.mark.parametrize("text", [*EVIL, "a long line " * 100], ids=lambda text: repr(text[:12]))
def test_what_has_no_room_has_no_buttons_either(text: str) -> None:
    page = Home(
        approvals=tuple(pending(text, text, f"t{number}") for number in range(9)),
        questions=tuple(item(text, "answer", "take", task_id=f"t{number}") for number in range(9)),
        running=tuple(item(text, "pause", "stop", task_id=f"t{number}") for number in range(9)),
        ended=tuple(Ended(where=item(text, "details", task_id=f"t{number}"), answer=text) for number in range(9)),
        agents=tuple((f"{text[:200]}{number}", text) for number in range(9)),
    )
    made = home(page)
    assert problems(made) == []
    shown = made["embeds"][0]["description"]
    assert not shown.endswith("\n…"), "nothing was cut that has buttons"
    numbers = {label.partition(".")[0] for row in labels(made)[1:] for label in row}
    assert numbers
    assert all(f"{number}. " in shown for number in numbers)
    assert "/agent list" in shown


def test_a_question_in_its_place_leads_back() -> None:
    asked = back_home(confirmation(Click(verb="stop", task_id="t1")))
    assert problems(asked) == []
    assert is_home(asked)
    assert [one["custom_id"] for one in asked["components"][0]["components"]] == ["yes:stop|t1||", HOME]
    assert not is_home(confirmation(Click(verb="stop", task_id="t1")))
    assert not is_home(None)
