"""The windows of Threadwork: starting a task, the forms behind buttons, details, and what went wrong."""

from collections.abc import Callable, Sequence
from typing import Any

from slack_sdk.models.blocks.block_elements import FileInputElement

from threadwork.adapters.slack.cards.approval_card import asked as question
from threadwork.adapters.slack.cards.approval_card import since
from threadwork.adapters.slack.cards.blocks import Block, Inline, bold, code, context, link, mono, rich, section
from threadwork.adapters.slack.cards.plan_block import plan_lines
from threadwork.adapters.slack.cards.status_card import log, made_by, standing
from threadwork.adapters.slack.modals.answer import answer
from threadwork.adapters.slack.modals.edit_form import edited, inputs
from threadwork.adapters.slack.modals.views import State, Window, asked, chosen, entered, packed_up, typed_in, window
from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.budget_words import AMOUNTS
from threadwork.adapters.wording.card_words import clean, excerpt, one_line
from threadwork.adapters.wording.decision_words import tool_name
from threadwork.workflows.buttons import SEEN, Click, Verb
from threadwork.workflows.cards import ApprovalCard, BudgetCard, QuestionCard, StatusCard
from threadwork.workflows.inbound import Attachment, Choices, Details, StartForm
from threadwork.workflows.slash_name import SLASH

GIVEN = "given"  # block id of the one input of a form
SCOPE, LASTING = "scope", "lasting"  # block ids of what `always` asks
PIECES = 20  # blocks of arguments in a window
TOO_LONG = {
    "edit": "These arguments are too long to be edited in Slack. Deny with a reason that says what to change.",
    "look": "These arguments are too long to be shown in Slack. Deny the call, or decide at a terminal.",
}
FILES = 10  # files that a form takes; documented
TEXT = 2_900  # characters of a text in a window, in one block
TEXTS = 4  # blocks of a goal in Details
PLAN = 100  # items of a plan in Details
TOOLS = 50  # tools in Details
Asked = ApprovalCard | QuestionCard | BudgetCard | None
ASKED_FIRST: frozenset[Verb] = frozenset({"approve_task", "look"})  # asked about in a window: to submit it is a yes


# --- starting a task -----------------------------------------------------------------------------------


def start_modal(choices: Choices, origin: str, goal: str = "") -> Window:
    """callback_id `start`. `origin`: where it was asked for; `views.unpacked` gives it back.

    Raises `ValueError` for an origin that does not fit beside the rest into 3,000 characters."""
    agents = [(name, f"{name}: {one_line(told)}" if told else name) for name, told in choices.agents]
    blocks = [
        typed_in("goal", "What should the agent do?", goal, lines=True, example="Summarise what changed this week"),
        *chosen("agent", "Agent", agents, choices.agent),
        typed_in("budget", "Budget in dollars", needed=False, example="2.50", hint="Empty: the agent's own budget."),
        *_model(choices.models),
        asked("files", "Files", FileInputElement(action_id="files", max_files=FILES), needed=False),
    ]
    return window("Start a task", blocks, "start", "Start", packed_up(origin))


def started(state: State, files: Sequence[Attachment] = ()) -> StartForm:
    """What was filled in. `state`: `view.state.values`; `files`: what became of `uploaded`."""
    goal, agent, model, budget = (entered(state, name) for name in ("goal", "agent", "model", "budget"))
    return StartForm(goal=goal, agent=agent, model=model.strip(), budget=budget.strip(), files=tuple(files))


def uploaded(state: State) -> list[dict[str, Any]]:
    """The files of the form, as Slack describes them."""
    return list(state.get("files", {}).get("files", {}).get("files") or ())


def _model(models: Sequence[str]) -> list[Block]:
    known = chosen("model", "Model (empty: the agent's own)", [(name, name) for name in models], needed=False)
    return known or [typed_in("model", "Model", needed=False, hint="Empty: the agent's own model.")]


# --- the forms behind buttons --------------------------------------------------------------------------


def form(click: Click, origin: str, card: Asked = None) -> Window:
    """The window behind a button of `buttons.OPENING`, but Details, and the question before what is
    `ASKED_FIRST`. callback_id `form:{verb}`.

    `card`: what is decided, with whole texts; what an amount is added to needs none."""
    title, submit, make = MODALS[click.verb]
    blocks = make(click, card)
    if blocks is None:
        return told(TOO_LONG.get(click.verb, TOO_LONG["edit"]))
    return window(title, blocks, f"form:{click.verb}", submit, packed_up(origin, click))


def given(click: Click, state: State, card: Asked = None) -> str:
    """What a form held: reason, answer or amount as typed, arguments as JSON. Raises `BadForm`."""
    if click.verb == "edit" and isinstance(card, ApprovalCard):
        return edited(state, card)
    if click.verb == "always":
        return grant_words.chosen(entered(state, SCOPE), entered(state, LASTING))
    if click.verb == "look":
        return SEEN
    return entered(state, GIVEN).strip()


def errors(state: State, sentence: str) -> dict[str, str]:
    """A refusal, shown at the first input, as `response_action: errors` takes it; empty where there is no input."""
    return dict.fromkeys(list(state)[:1], sentence)


def _deny(click: Click, card: Asked) -> list[Block]:
    return [*_about(card), typed_in(GIVEN, "Why not?", lines=True, hint="The agent reads it and continues without.")]


def _edit(click: Click, card: Asked) -> list[Block] | None:
    made = inputs(card) if isinstance(card, ApprovalCard) else None
    return None if made is None else [*_about(card), *made]


def _allow_task(click: Click, card: Asked) -> list[Block]:
    later = "Every later call of this tool in this task runs without asking again, whatever its arguments are."
    shown = [rich(code(excerpt(arguments(card.arguments), TEXT, 20)))] if isinstance(card, ApprovalCard) else []
    return [*_about(card), *shown, rich(section(later))]


def _always(click: Click, card: Asked) -> list[Block]:
    """For whose tasks, and until when: little is chosen before anybody chooses."""
    of = card if isinstance(card, ApprovalCard) else None
    return [
        *_about(card),
        *(_whole(of)[:1] if of else []),
        rich(section(f"{grant_words.WHAT_IT_MEANS} ", mono(f"{SLASH} grants"), " takes it back.")),
        *chosen(SCOPE, "For whose tasks?", grant_words.scopes(of), grant_words.FIRST_SCOPE),
        *chosen(LASTING, "For how long?", grant_words.lasting(), grant_words.FIRST_LASTING),
    ]


def _look(click: Click, card: Asked) -> list[Block] | None:
    """All of the arguments, which stand nowhere else."""
    if not isinstance(card, ApprovalCard):
        return None
    shown = _whole(card)
    return [*_about(card), *shown] if len(shown) <= PIECES else None


def _whole(card: ApprovalCard) -> list[Block]:
    text = arguments(card.arguments) or "no arguments"
    return [rich(code(text[at : at + TEXT])) for at in range(0, len(text), TEXT)]


def _reply(click: Click, card: Asked) -> list[Block]:
    asked = excerpt(card.question, TEXT) if isinstance(card, QuestionCard) else ""
    return [*([rich(section(asked))] if asked else []), typed_in(GIVEN, "Your answer", lines=True)]


def _amount(click: Click, card: Asked) -> list[Block]:
    """Asked in the unit of the limit."""
    label, example = AMOUNTS.get(click.about, AMOUNTS["usd"])
    told = [*since(card.since)] if isinstance(card, BudgetCard) and card.since else []
    return [*told, typed_in(GIVEN, label, example=example)]


def _bad(click: Click, card: Asked) -> list[Block]:
    hint = "Whoever looks after this agent can read it."
    return [typed_in(GIVEN, "What was wrong?", lines=True, needed=False, hint=hint)]


def _about(card: Asked) -> list[Block]:
    if not isinstance(card, ApprovalCard):
        return []
    return [rich(question(card)), *context(tool_name(card)), *(since(card.since) if card.since else [])]


MODALS: dict[str, tuple[str, str, Callable[[Click, Asked], list[Block] | None]]] = {  # title, submit, blocks
    "deny_because": ("Deny with a reason", "Deny", _deny),
    "edit": ("Edit and allow", "Allow", _edit),
    "approve_task": ("Allow for this task", "Allow", _allow_task),
    "always": ("Always allow", "Allow", _always),
    "look": ("Allow once?", "Allow once", _look),
    "answer": ("Answer", "Send", _reply),
    "add_amount": ("Add to the budget", "Add", _amount),
    "bad": ("Not a good answer", "Send", _bad),
}


# --- to be read only -----------------------------------------------------------------------------------


def details_modal(details: Details) -> Window:
    """Goal, answer, state, spending, plan, the newest activities and tools of a task."""
    card = details.status
    whole = card.model_copy(update={"verbosity": "verbose"})
    blocks = [
        *_goal(details.goal or card.goal),
        *answer(details.answer),
        rich(section(*standing(whole), *([f"\n{made_by(card)}"] if made_by(card) else []))),
        *([rich(section(bold("Plan\n"), *plan_lines(card.plan, PLAN)))] if card.plan else []),
        *([rich(section(bold("Latest\n"), log(card)))] if card.log else []),
        *([rich(section(*_tools(card)))] if card.tools_used else []),
        *([rich(section(bold("Last thought\n"), excerpt(clean(details.thought), TEXT)))] if details.thought else []),
        rich(section("Task ", mono(one_line(details.task_id) or "?"), *_link(details.link))),
    ]
    return window("Details", blocks)


def told(sentence: str, title: str = "Threadwork") -> Window:
    """A window that only says something: what happened, what to do next."""
    return window(title, [rich(section(excerpt(sentence, TEXT) or "…"))])


def _goal(goal: str) -> list[Block]:
    text = clean(goal).strip() or "…"
    pieces = [text[at : at + TEXT] for at in range(0, min(len(text), TEXT * TEXTS), TEXT)]
    more = [rich(section(f"… and {len(text) - TEXT * TEXTS:,} characters more."))] if len(text) > TEXT * TEXTS else []
    return [rich(section(bold("Goal\n"), pieces[0])), *(rich(section(piece)) for piece in pieces[1:]), *more]


def _tools(card: StatusCard) -> list[Inline]:
    lines = [f"\n{one_line(excerpt(name, 200))} × {count}" for name, count in card.tools_used[:TOOLS]]
    rest = len(card.tools_used) - TOOLS
    return [bold("Tools used"), *lines, *([f"\n… and {rest} more"] if rest > 0 else [])]


def _link(url: str) -> list[Inline]:
    return [" · ", link(url, "Open in Temporal")] if url else []
