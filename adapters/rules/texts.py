"""Which messages commands and inputs add to the transcript."""

from typing import Any

from workflows.calls import Message
from workflows.messages import Input
from workflows.tasks import Action, Answer, Decide, Reply, RunOrder

GOAL_REF = "goal"
TAKEN_BACK = "(The author took this message back.)"  # in its place, so that nothing that names it breaks
_REPLY = "reply:"


def input_message(given: Input) -> Message:
    """The message of an input that brings its text along."""
    body: dict[str, Any] = {"role": "user", "content": given.text}
    if given.kind == "tool":
        body = {"role": "tool", "tool_call_id": given.tool_call_id, "content": given.text}
    return Message(ref=f"input:{given.position}", kind=given.kind, body=body, position=given.position)


def command_messages(action: Action) -> list[Message]:
    """The texts that are stored together with a command."""
    match action:
        case RunOrder(order=order):
            return [Message(ref=GOAL_REF, kind="goal", body=_said(order.goal), position=0)]
        case Reply(message=message, text=text):
            return [Message(ref=message.ref, kind="follow_up", body=_said(text))]
        case Decide(edited=str(edited), click=click) if click.edited_ref:
            return [Message(ref=click.edited_ref, kind="text", body={"content": edited})]
        case Answer(text=str(text), click=answer) if answer.ref:
            return [Message(ref=answer.ref, kind="answer", body=_said(text))]
        case _:
            return []


def amended_body(text: str | None) -> dict[str, Any]:
    """What a message says after its author changed it, or took it back."""
    return _said(TAKEN_BACK if text is None else text)


def replies_after(platform_id: str) -> tuple[str, str]:
    """Refs of replies in the same channel that are newer than this message lie between these two."""
    channel = platform_id.rpartition(":")[0]
    return f"{_REPLY}{platform_id}", f"{_REPLY}{channel}:{chr(0x10FFFF)}"


def _said(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}
