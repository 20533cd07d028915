"""What only one person sees, with something of everything in it: home, details, and an offer."""

from typing import Any, Literal

from tests.adapters.card_cases import ANNA, APPROVAL, NOW, RUNNING
from threadwork.adapters.discord.modals import details as discord_details
from threadwork.adapters.discord.modals import home as discord_home
from threadwork.adapters.discord.modals import responses as discord_responses
from threadwork.adapters.slack.modals import forms as slack_forms
from threadwork.adapters.slack.modals import responses as slack_responses
from threadwork.adapters.slack.modals.home import home, home_message
from threadwork.bot.chat.direct import offer
from threadwork.bot.chat.lists import approval_item
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.inbound import Details, Ended, Home, Item, Pending, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder, TaskRecord, WaitingApproval

SINK = Sink(platform="slack", workspace="T1", channel="C1")
BUTTON = Button(label="Pause", press=Click(verb="pause", task_id="t1"))
ITEM = Item(text=f"**{RUNNING.goal}** · working", sink=SINK, message_id="1700.1", buttons=(BUTTON,))
TASK = TaskRecord(
    task_id="t1", goal=RUNNING.goal, agent="default", by=ANNA, status=RUNNING.status, created_at=NOW, updated_at=NOW
)
WAITING = Pending(task=TASK, card=APPROVAL, where=approval_item(WaitingApproval(task=TASK, card=APPROVAL)))
OPTIONS = tuple(
    Button(label=label, press=Click(verb="choose", task_id="t2", about="1", detail=str(number)))
    for number, label in enumerate(("Staging", "Production"), 1)
)
RESULT = "Three of four incidents have **one cause**: the nightly backup.\nThe fourth is still open."
DETAILS = Details(
    task_id="t1",
    goal=RUNNING.goal,
    status=RUNNING,
    thought="Three of four have one cause.",
    link="https://example.com",
    answer=RESULT,
)
HOME = Home(
    running=(ITEM,),
    approvals=(WAITING,),
    questions=(Item(text="**Deploy 2.4**\nIt asks: Which environment?", sink=SINK, message_id="1.1", buttons=OPTIONS),),
    ended=(
        Ended(
            where=Item(
                text="**Summarise the incidents** · done · $0.12",
                sink=SINK,
                message_id="1.2",
                buttons=(Button(label="Read the answer", press=Click(verb="details", task_id="t4")),),
            ),
            answer=RESULT,
        ),
    ),
    agents=(("default", "Helps with anything"), ("triage", "Looks into incidents")),
    spent_day=0.25,
    spent_week=3.5,
)


OFFER = offer(
    Command(
        platform="slack", platform_id="command:1", by=ANNA, action=RunOrder(order=TaskOrder(goal=RUNNING.goal, by=ANNA))
    )
)
SAID = Response(text="Paused.")


def _link(sink: Sink, message_id: str) -> str:
    return "https://example.com"


DRAWN: dict[Literal["slack", "discord"], dict[str, dict[str, Any]]] = {
    "slack": {
        "details": {"modal": slack_forms.details_modal(DETAILS)},
        "home": {"blocks": home(HOME, _link)["blocks"]},
        "home_message": home_message(HOME, _link, SAID),
        "offer": slack_responses.response(OFFER, _link),
    },
    "discord": {
        "details": discord_details.details(DETAILS),
        "home": discord_home.home(HOME),
        "home_message": discord_home.home(HOME, SAID),
        "offer": discord_responses.response(OFFER),
    },
}
