"""What only one person sees: the forms, the details, Slack's home page. Made by the adapters, as they send them."""

from collections.abc import Iterator

from tests.adapters.card_cases import APPROVAL, QUESTION
from tests.adapters.home_cases import DRAWN
from tests.pictures.page import Message, Platform
from threadwork.adapters.discord.modals import forms as discord_forms
from threadwork.adapters.slack.modals import forms as slack_forms
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.inbound import Choices, StartForm

CHOICES = Choices(agents=(("default", "Helps with anything"), ("triage", "")), models=("openai/gpt-5-mini",))
ASKED: tuple[tuple[Verb, ApprovalCard | QuestionCard | None], ...] = (
    ("edit", APPROVAL),
    ("deny_because", APPROVAL),
    ("answer", QUESTION),
    ("add_amount", None),
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
    yield from (Message(content, caption=name) for name, content in DRAWN["slack"].items())


def _discord() -> Iterator[Message]:
    yield Message({"modal": discord_forms.start_modal(CHOICES, StartForm(goal=""))}, caption="start")
    for verb, card in ASKED:
        yield Message({"modal": discord_forms.form(_press(verb), card)}, caption=verb)
    yield from (Message(content, caption=name) for name, content in DRAWN["discord"].items())
