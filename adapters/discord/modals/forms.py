"""The forms of Threadwork: starting a task, and those behind buttons."""

from collections.abc import Callable, Sequence

from threadwork.adapters.discord.modals.edit_form import edited, inputs
from threadwork.adapters.discord.modals.fields import (
    HINT,
    Field,
    Filled,
    Values,
    Window,
    asked,
    chosen,
    picked,
    typed_in,
    window,
)
from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.budget_words import AMOUNTS
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.adapters.wording.decision_words import tool_title, written_since
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Attachment, Choices, StartForm

START, FORM = "start:", "form:"  # how the custom ids of forms begin
GIVEN = "given"  # the one input of a form
SCOPE, LASTING = "scope", "lasting"  # inputs of what `always` asks
FILES = 10  # files that a form takes; documented
MAX_TYPED = 4_000  # characters of a text that is typed in; documented
BACK = 3_000  # characters of what was typed that are given back

Asked = ApprovalCard | QuestionCard | BudgetCard | None


# --- starting a task -----------------------------------------------------------------------------------


def start_modal(choices: Choices, known: StartForm, about: str = "") -> Window:
    """`known`: what was given with the command. `about`: the message that the task's thread is to hang on."""
    agents = [(name, one_line(told)) for name, told in choices.agents]
    fields = [
        typed_in(
            "goal", "What should the agent do?", known.goal, lines=True, example="Summarise what changed this week"
        ),
        *chosen("agent", "Agent", agents, known.agent or choices.agent),
        typed_in("budget", "Budget in dollars", known.budget, needed=False, hint="Empty: the agent's own budget."),
        *_model(choices.models, known.model),
        asked("files", "Files", {"type": 19, "min_values": 0, "max_values": FILES, "required": False}),
    ]
    return window("Start a task", f"{START}{about}", fields)


def _model(models: Sequence[str], first: str) -> list[Field]:
    known = chosen("model", "Model", [(name, "") for name in models], first, needed=False, hint="Or the agent's own.")
    return known or [typed_in("model", "Model", first, needed=False, hint="Empty: the agent's own model.")]


def started(values: Values, files: Sequence[Attachment] = ()) -> StartForm:
    """What was filled in. `files`: what became of `uploaded`."""
    goal, agent, model, budget = (values.get(name, "") for name in ("goal", "agent", "model", "budget"))
    return StartForm(goal=goal, agent=agent, model=model.strip(), budget=budget.strip(), files=tuple(files))


def entered(data: Filled) -> Values:
    """What was typed or chosen, by the input's name."""
    return {str(one["custom_id"]): _value(one) for one in _inputs(data)}


def uploaded(data: Filled) -> list[Filled]:
    """The files of the form, as Discord describes them."""
    known = (data.get("resolved") or {}).get("attachments") or {}
    ids = [id_ for one in _inputs(data) if one.get("type") == 19 for id_ in one.get("values") or ()]
    return [known[str(id_)] for id_ in ids if str(id_) in known]


def typed_back(data: Filled) -> str:
    """The longest of what was typed, to be copied: a form that was sent cannot be opened again."""
    typed = max((_value(one) for one in _inputs(data) if one.get("type") == 4), key=len, default="")
    if len(typed) < len("a short answer"):
        return ""
    return f"What you wrote:\n```\n{excerpt(typed, BACK).replace('```', '``')}\n```"


def _inputs(data: Filled) -> list[Filled]:
    """Inputs stand in labels; older clients put them into rows."""
    holders: list[Filled] = list(data.get("components") or ())
    return [one for held in holders for one in (held.get("component"), *(held.get("components") or ())) if one]


def _value(one: Filled) -> str:
    values = one.get("values") or ()
    return str(one.get("value") or (values[0] if values else ""))


# --- the forms behind buttons --------------------------------------------------------------------------


def form(click: Click, card: Asked = None) -> Window:
    """`card`: what is decided, with whole texts; what an amount is added to needs none.

    Raises `Rejected` for arguments that no form of Discord's can hold."""
    title, make = MODALS[click.verb]
    return window(title, f"{FORM}{click.encode()}", make(click, card))


def given(click: Click, values: Values, card: Asked = None) -> str:
    """What a form held: reason, answer or amount as typed, arguments as JSON. Raises `Rejected`."""
    if click.verb == "edit" and isinstance(card, ApprovalCard):
        return edited(values, card)
    if click.verb == "always":
        return grant_words.chosen(values.get(SCOPE, ""), values.get(LASTING, ""))
    return values.get(GIVEN, "").strip()


def _deny(click: Click, card: Asked) -> list[Field]:
    hint = "The agent reads it and continues without."
    return [typed_in(GIVEN, "Why not?", lines=True, hint=_about(card) or hint)]


def _edit(click: Click, card: Asked) -> list[Field]:
    made = inputs(card) if isinstance(card, ApprovalCard) else None
    if made is None:
        raise Rejected(
            "These arguments are too long to be edited in Discord.", "Deny with a reason that says what to change."
        )
    return made


def _always(click: Click, card: Asked) -> list[Field]:
    """For whose tasks, and until when: little is chosen before anybody chooses."""
    of = card if isinstance(card, ApprovalCard) else None
    return [
        *picked(SCOPE, "For whose tasks?", grant_words.scopes(of), grant_words.FIRST_SCOPE),
        *picked(LASTING, "For how long?", grant_words.lasting(), grant_words.FIRST_LASTING),
    ]


def _reply(click: Click, card: Asked) -> list[Field]:
    hint = excerpt(one_line(card.question), 100) if isinstance(card, QuestionCard) else ""
    return [typed_in(GIVEN, "Your answer", lines=True, hint=hint)]


def _amount(click: Click, card: Asked) -> list[Field]:
    """Asked in the unit of the limit."""
    label, example = AMOUNTS.get(click.about, AMOUNTS["usd"])
    line = card.since if isinstance(card, BudgetCard) else None
    hint = excerpt(written_since(line), HINT) if line else ""
    return [typed_in(GIVEN, label, example=example, hint=hint)]


def _bad(click: Click, card: Asked) -> list[Field]:
    hint = "Whoever looks after this agent can read it."
    return [typed_in(GIVEN, "What was wrong?", lines=True, needed=False, hint=hint)]


def _about(card: Asked) -> str:
    return excerpt(tool_title(card), HINT) if isinstance(card, ApprovalCard) else ""


MODALS: dict[str, tuple[str, Callable[[Click, Asked], list[Field]]]] = {
    "deny_because": ("Deny with a reason", _deny),
    "edit": ("Edit and allow", _edit),
    "always": ("Always allow", _always),
    "answer": ("Answer", _reply),
    "add_amount": ("Add to the budget", _amount),
    "bad": ("Not a good answer", _bad),
}
