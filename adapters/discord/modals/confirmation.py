"""The question before a button counts. Only who pressed sees it."""

from threadwork.adapters.discord.cards.components import Component
from threadwork.adapters.discord.modals.responses import Content, response
from threadwork.workflows.buttons import ENCODED, Click, Verb
from threadwork.workflows.inbound import Response

YES = "yes:"  # before the press of the button that was asked about; as long as `components.ASK`

# What is asked, and what the button says.
SURE: dict[Verb, tuple[str, str]] = {
    "stop": ("Stop the task? The agent stops for good; a reply starts it again.", "Yes, stop"),
    "approve": ("Approve this? It may not be possible to undo it.", "Yes, approve"),
    "approve_task": (
        "Approve for the rest of the task? Every later call of this tool in this task runs without asking again.",
        "Yes, approve all",
    ),
}
ELSE = ("Are you sure?", "Yes")


def confirmation(click: Click) -> Content:
    asked, label = SURE.get(click.verb, ELSE)
    style = 4 if click.verb == "stop" else 3
    button: Component = {"type": 2, "style": style, "label": label, "custom_id": f"{YES}{click.encode()}"[:ENCODED]}
    return {**response(Response(text=asked)), "components": [{"type": 1, "components": [button]}]}
