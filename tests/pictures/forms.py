"""What only one person sees: the forms, the details, Slack's home page. Made by the adapters, as they send them."""

from collections.abc import Iterator

from tests.adapters.card_cases import ANNA, APPROVAL, NOW, QUESTION, RUNNING
from tests.pictures.page import Message, Platform
from threadwork.adapters.discord.modals import details as discord_details
from threadwork.adapters.discord.modals import forms as discord_forms
from threadwork.adapters.slack.modals import forms as slack_forms
from threadwork.adapters.slack.modals.home import home
from threadwork.workflows.buttons import Button, Click, Verb
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.inbound import Choices, Details, Home, Item, Pending, StartForm
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord

CHOICES = Choices(agents=(("default", "Helps with anything"), ("triage", "")), models=("openai/gpt-5-mini",))
ASKED: tuple[tuple[Verb, ApprovalCard | QuestionCard | None], ...] = (
    ("edit", APPROVAL),
    ("deny_because", APPROVAL),
    ("answer", QUESTION),
    ("add_amount", None),
)
DETAILS = Details(
    task_id="t1", goal=RUNNING.goal, status=RUNNING, thought="Three of four have one cause.", link="https://example.com"
)
SINK = Sink(platform="slack", workspace="T1", channel="C1")
BUTTON = Button(label="Pause", press=Click(verb="pause", task_id="t1"))
ITEM = Item(text=f"**{RUNNING.goal}** · working", sink=SINK, message_id="1700.1", buttons=(BUTTON,))
TASK = TaskRecord(
    task_id="t1", goal=RUNNING.goal, agent="default", by=ANNA, status=RUNNING.status, created_at=NOW, updated_at=NOW
)
WAITING = Pending(task=TASK, card=APPROVAL, where=ITEM)
HOME = Home(running=(ITEM,), approvals=(WAITING,), spent_week=3.5)


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
