"""What is asked after a button, before anything counts. Only who pressed sees it."""

from threadwork.adapters.discord.cards.components import Component, rows
from threadwork.adapters.discord.cards.text import code, mono
from threadwork.adapters.discord.modals.responses import Content, response
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import excerpt
from threadwork.adapters.wording.decision_words import tool_name, tool_title
from threadwork.workflows.buttons import ENCODED, Click, Verb, behind_menu
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.inbound import Response

YES = "yes:"  # before the press of the button that was asked about; as long as `components.ASK`
NO = "no:"  # and of the one that takes it back
SHOWN, SHOWN_LINES = 600, 10  # characters and lines of arguments
CANCELLED = "Cancelled. Nothing was changed."

# What is asked, and what the button says.
SURE: dict[Verb, tuple[str, str]] = {
    "stop": ("Stop the task? A reply starts it again.", "Yes, stop"),
    "approve": ("Allow {tool}? It may not be possible to undo this.", "Yes, allow"),
    "always": (
        "Always allow {tool}? Later calls of it run without asking again. You choose for whose tasks, and until when.",
        "Choose …",
    ),
    "approve_task": (
        "Allow {tool} for this task? Every later call of it runs without asking again, whatever its arguments are.",
        "Yes, allow all",
    ),
}
ELSE = ("Are you sure?", "Yes")


def confirmation(click: Click, card: ApprovalCard | None = None) -> Content:
    """`card`: what is decided."""
    asked, label = SURE.get(click.verb, ELSE)
    yes = _button(YES, click, label, style=4 if click.verb == "stop" else 3)
    row: Component = {"type": 1, "components": [yes, _button(NO, click, "Cancel", style=2)]}
    made = response(Response(text=asked.format(tool=_tool(card))))
    shown = [code(excerpt(arguments(card.arguments), SHOWN, SHOWN_LINES) or "no arguments")] if card else []
    (said,) = made["embeds"]
    embed = {**said, "description": "\n".join((said["description"], *shown))}
    return {**made, "embeds": [embed], "components": [row]}


def more(click: Click) -> Content:
    """What else can be decided there."""
    made = response(Response(text="Decide in another way:"))
    return {**made, "components": rows(each.model_copy(update={"menu": False}) for each in behind_menu(click))}


def cancelled() -> Content:
    return response(Response(text=CANCELLED))


def _tool(card: ApprovalCard | None) -> str:
    return f"{mono(tool_title(card))} ({mono(tool_name(card))})" if card else "this"


def _button(before: str, click: Click, label: str, style: int) -> Component:
    return {"type": 2, "style": style, "label": label, "custom_id": f"{before}{click.encode()}"[:ENCODED]}
