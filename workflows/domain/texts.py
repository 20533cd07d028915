"""Which messages commands and inputs add to the transcript."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from threadwork.workflows import files
from threadwork.workflows.calls import Message, file_messages
from threadwork.workflows.files import FILES, GivenFile
from threadwork.workflows.run_requests import Input
from threadwork.workflows.tasks import Action, Answer, Decide, Reply, RunOrder

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
        case RunOrder(order=order, files=given):
            goal = Message(ref=GOAL_REF, kind="goal", body=_said(order.goal), position=0)
            return _with_files(goal, given)
        case Reply(message=message, text=text, files=given):
            return _with_files(Message(ref=message.ref, kind="follow_up", body=_said(text)), given)
        case Decide(edited=str(edited), click=click) if click.edited_ref:
            return [Message(ref=click.edited_ref, kind="text", body={"content": edited})]
        case Answer(text=str(text), click=answer) if answer.ref:
            return [Message(ref=answer.ref, kind="answer", body=_said(text))]
        case _:
            return []


def amended_body(before: dict[str, Any], text: str | None) -> dict[str, Any]:
    """What a message says after its author changed it, or took it back: with its files, then, too."""
    if text is None:
        return _said(TAKEN_BACK)
    return _said(text) | ({FILES: before[FILES]} if FILES in before else {})


def is_news(known: datetime | None, text: str | None, at: datetime) -> bool:
    """Whether a change made at `at` is newer than the newest that is known. Nothing comes after a deletion."""
    return known is None or known < at or (known == at and text is None)


def _with_files(message: Message, given: Sequence[GivenFile]) -> list[Message]:
    """The message, which names its files, and every file as a text of its own."""
    named = files.stored(message.ref, given)
    if not named:
        return [message]
    body = message.body | {FILES: [file.model_dump() for file in named]}
    return [message.model_copy(update={"body": body}), *file_messages(named, given)]


def replies_after(platform_id: str) -> tuple[str, str]:
    """Refs of replies in the same channel that are newer than this message lie between these two."""
    channel = platform_id.rpartition(":")[0]
    return f"{_REPLY}{platform_id}", f"{_REPLY}{channel}:{chr(0x10FFFF)}"


def _said(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}
