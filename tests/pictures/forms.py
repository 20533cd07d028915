"""What only one person sees: the forms, the details, Slack's home page. Made by the adapters, as they send them."""

from collections.abc import Iterator

from tests.adapters.card_cases import ANNA, APPROVAL, NOW, QUESTION, RUNNING
from tests.pictures.page import Message, Platform
from threadwork.adapters.discord.modals import details as discord_details
from threadwork.adapters.discord.modals import forms as discord_forms
from threadwork.adapters.discord.modals import home as discord_home
from threadwork.adapters.slack.modals import forms as slack_forms
from threadwork.adapters.slack.modals.home import home
from threadwork.bot.chat.lists import approval_item
from threadwork.workflows.buttons import Button, Click, Verb
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.inbound import Choices, Details, Ended, Home, Item, Pending, StartForm
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord, WaitingApproval

CHOICES = Choices(agents=(("default", "Helps with anything"), ("triage", "")), models=("openai/gpt-5-mini",))
ASKED: tuple[tuple[Verb, ApprovalCard | QuestionCard | None], ...] = (
    ("edit", APPROVAL),
    ("deny_because", APPROVAL),
    ("answer", QUESTION),
    ("add_amount", None),
)
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
    questions=(Item(text="**Deploy 2.4**\nasks: Which environment?", sink=SINK, message_id="1.1", buttons=OPTIONS),),
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


def forms(platform: Platform) -> Iterator[Message]:
    """Each of them under its name."""
    yield from (_slack if platform == "slack" else _discord)()


def _press(verb: Verb) -> Click:
    return Click(verb=verb, task_id="t1", about="usd" if verb == "add_amount" else "1", detail="0123456789abcdef")


def _slack() -> Iterator[Message]:
    yield Message({"modal": slack_forms.start_modal(CHOICES, "C1")}, caption="start")
    for verb, card in ASKED:
        yield Message({"modal": slack_forms.form(_press(verb), "C1", card)}, caption=verb)
    yield Message({"modal": slack_forms.details_modal(DETAILS)}, caption="details")
    yield Message({"blocks": home(HOME, lambda sink, message_id: "https://example.com")["blocks"]}, caption="home")


def _discord() -> Iterator[Message]:
    yield Message({"modal": discord_forms.start_modal(CHOICES, StartForm(goal=""))}, caption="start")
    for verb, card in ASKED:
        yield Message({"modal": discord_forms.form(_press(verb), card)}, caption=verb)
    yield Message(discord_details.details(DETAILS), caption="details")
    yield Message(discord_home.home(HOME), caption="home")
