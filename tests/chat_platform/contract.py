"""What the platform takes: the methods, their fields, their sizes."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tests.chat_platform.answers import Interrupted, breach

TEXT = 4_000  # characters of a message; what Slack advises, twice what Discord takes
BLOCKS = 50  # of a message, as in Slack
NONCE = 25  # characters, as in Discord
MARK = 255  # characters
PAGE = 1_000  # messages

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Body(BaseModel):
    """Fields of a call. Unknown ones are a breach."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    channel: Name


class Content(Body):
    text: str = Field("", max_length=TEXT)
    blocks: list[dict[str, Any]] = Field([], max_length=BLOCKS)


class Post(Content):
    thread: str = ""  # id of the message the thread hangs on; empty: a root message
    mark: str = Field("", max_length=MARK)
    nonce: str = Field("", max_length=NONCE)


class Update(Content):
    id: Name


class Delete(Body):
    id: Name


class History(Body):
    oldest: str = Field("0.000000", pattern=r"^\d{1,12}\.\d{6}$")  # only messages after this id
    limit: int = Field(100, ge=1, le=PAGE)
    cursor: str = ""


class Replies(History):
    thread: Name


METHODS: dict[str, type[Body]] = {
    "post": Post,
    "update": Update,
    "delete": Delete,
    "history": History,
    "replies": Replies,
}


def parsed(method: str, raw: bytes) -> Body:
    """The call's fields. Raises `Interrupted` for what breaks the contract."""
    if method not in METHODS:
        raise Interrupted(breach("unknown_method", f"There is no method {method!r}."))
    try:
        body = METHODS[method].model_validate_json(raw)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Interrupted(breach("invalid_arguments", f"{method}: {problems}")) from None
    if isinstance(body, Content) and not body.text.strip() and not body.blocks:
        raise Interrupted(breach("no_text", f"{method}: a message needs a text or blocks."))
    return body


def glance(raw: bytes) -> dict[str, Any]:
    """Fields for the record, of a call that may be malformed."""
    try:
        body = json.loads(raw)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
