"""A call as it is claimed and recorded, and the texts it adds to the conversation."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from threadwork.workflows import files
from threadwork.workflows.files import GivenFile, StoredFile
from threadwork.workflows.models import ModelFacts
from threadwork.workflows.run_requests import EventBatch, Input
from threadwork.workflows.values import Ledger, Usage, Value

WORD_FOR_WORD = ("goal", "follow_up", "answer", "decision")  # kinds of messages that no summary replaces


class Message(Value):
    """A stored text. It is part of the conversation once it has a position."""

    ref: str
    kind: Literal["goal", "follow_up", "answer", "decision", "note", "assistant", "tool", "text"]
    body: dict[str, Any]  # an OpenAI chat message; for `text`, {"content": …}
    position: int | None = None


def file_messages(named: Iterable[StoredFile], given: Iterable[GivenFile]) -> list[Message]:
    """What is stored of files that a message names."""
    pairs = zip(named, given, strict=False)
    return [Message(ref=name.ref, kind="text", body=files.body(file)) for name, file in pairs]


class Reservation(Value):
    """What a model call may cost at most, asked for before it is made."""

    prompt: int  # tokens, estimated
    output_cap: int  # tokens of the answer one would like to allow
    facts: ModelFacts
    nanos_limit: int | None = None
    tokens_limit: int | None = None


class Claim(Value):
    """Stores the batch, places the inputs and takes the call, in one transaction."""

    batch: EventBatch
    call_id: str
    attempt: str  # fresh for every attempt
    kind: Literal["model", "tool"]
    name: str  # model or tool
    timeout: float  # seconds until this attempt has surely ended
    repeatable: bool = True  # a later attempt may take over from one that was lost
    inputs: tuple[Input, ...] = ()
    reserve: Reservation | None = None
    grant_id: str | None = None  # by which it is made: unless that stands as the call is first claimed, it is not


class Claimed(Value):
    """`mine`: go on. `done`: here is the recorded result. `taken`: another attempt has it until `until`."""

    state: Literal["mine", "done", "taken", "over_budget", "refused", "ungranted"]
    result: dict[str, Any] | None = None
    until: datetime | None = None
    output_cap: int = 0  # tokens the answer may have, what is affordable considered
    exceeded: Literal["usd", "tokens"] | None = None
    ledger: Ledger = Ledger()


class Finish(Value):
    """Records what a call came to, once: the first writer wins."""

    task_id: str
    epoch: int
    call_id: str
    attempt: str
    result: dict[str, Any]
    messages: tuple[Message, ...] = ()
    usage: Usage | None = None  # settles this attempt's reservation; None: it stands in full
    cost_nanos: int | None = None
    cached_share: float = 1  # what a cached token counts for, beside one that was not


class Finished(Value):
    """What is stored of a call that has ended, and what its task has spent, reservations included."""

    result: dict[str, Any]  # the winner's
    ledger: Ledger = Ledger()
