"""Which messages commands and inputs add to the transcript."""

from typing import Any

from workflows.calls import Message
from workflows.messages import Input
from workflows.tasks import Action, Answer, Decide, Reply, RunOrder

GOAL_REF = "goal"


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


def _said(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}
