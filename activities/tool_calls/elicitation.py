"""What a tool server asks people in the middle of a call: questions for them, and their answers for the server.

Pure: what has been asked and answered of a call is kept as `Asking`, beside the server's own state."""

import math
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from threadwork.activities.tool_calls.secret_forms import is_secret
from threadwork.activities.tool_calls.server_forms import choices, fields, said, shown_name, unfit
from threadwork.workflows.models import Asked, Given
from threadwork.workflows.texts import clean
from threadwork.workflows.values import EVENT_PREVIEW, preview

ROUNDS = 10  # times one call may ask
OPTIONS, OPTION_TEXT = 9, 75  # answers to pick from, beside the last one
ADDRESS = 250  # characters of a page's address that are shown
PLAIN = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?([/?#][A-Za-z0-9_\-./?=&%+,;:#~]*)?")
LOOPBACK = ("localhost", "127.0.0.1")
WRONG = 200  # characters of what is wrong with an answer
UNASKED = 100  # characters of a question that nobody was asked
PRIVATE = "it looks as if it wanted a secret, and a thread is no place for one"
DECLINE = "Do not answer"
OPENED = "I have done it"
TRUE, FALSE = ("yes", "true", "y", "1", "on"), ("no", "false", "n", "0", "off")


class Wrong(Exception):
    """An answer does not fit; the text says why, to the person."""


class Asking(BaseModel):
    """One call that waits for answers: stored under a reference, never shown to a model."""

    state: str | None = None  # the server's, given back as it is
    requests: dict[str, dict[str, Any]] = Field(default_factory=dict)  # by the server's own keys
    answers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    rounds: int = 1
    held: bool = False  # the call is open meanwhile
    over: bool = False  # it is made once more
    unasked: list[str] = Field(default_factory=list)  # what was declined unseen
    why: list[str] = Field(default_factory=list)  # of each of these

    @property
    def next(self) -> str | None:
        """The key of the request that a person must answer now."""
        return next((key for key in self.requests if key not in self.answers), None)

    @property
    def given(self) -> Given | None:
        """None: the call begins anew."""
        asked = self.state is not None or self.requests
        return Given(state=self.state, answers=self.answers, held=self.held) if asked else None

    @property
    def refused(self) -> bool:
        """Somebody would not do what the call needs."""
        return self.over and any(said.get("action") != "accept" for said in self.answers.values())

    def anew(self) -> "Asking":
        """The call begins anew; how often it asked goes on."""
        return Asking(rounds=self.rounds, unasked=self.unasked, why=self.why)


class Question(BaseModel):
    """One question of a tool server, as people are shown it."""

    text: str  # at most 400 characters
    options: tuple[str, ...] = ()


def asking(asked: Asked, before: Asking | None) -> Asking:
    """What looks secret, or cannot be kept, is declined here: nobody is asked, and nothing of it is stored."""
    rounds, unasked, why = (before.rounds + 1, before.unasked, before.why) if before else (1, [], [])
    kept = Asking(state=asked.state, held=asked.held, over=asked.over, rounds=rounds, unasked=[*unasked], why=[*why])
    for key, params in asked.requests.items():
        because = unfit(params) or (PRIVATE if is_secret(params) else "")
        kept.requests[key] = {} if because else params
        if because:
            kept.answers[key] = {"action": "decline"}
            kept.unasked.append(preview(said(params), UNASKED))
            kept.why.append(because)
    return kept


def unasked(server: str, kept: Asking | None) -> str:
    """What the agent is told of forms that nobody saw; empty where there were none."""
    if kept is None or not kept.unasked:
        return ""
    why = "; ".join(dict.fromkeys(kept.why)) or PRIVATE
    return f"\n\n[{server} wanted to ask: “{'; '.join(kept.unasked[:3])}” Nobody was asked: {why}. Tell the person.]"


def question(server: str, params: Mapping[str, Any], wrong: str = "") -> Question:
    head = f"{wrong} " if wrong else ""
    if params.get("mode") == "url":
        return _page(f"{head}The tool server {server} wants you to open a page{_host(params)}", said(params), params)
    asked = fields(params)
    how = "" if len(asked) < 2 else f" One line for each: {'; '.join(f'{shown_name(name)}: …' for name in asked)}"
    text = preview(f"{head}The tool server {server} asks: {said(params)}", EVENT_PREVIEW - min(len(how), 200))
    options = tuple(map(_shown, choices(next(iter(asked.values()))))) if len(asked) == 1 else ()
    return Question(text=text + how[:200], options=(*options[:OPTIONS], DECLINE))


def answer(params: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What the server is told, under its own names. Raises `Wrong`."""
    if text.strip().lower() == DECLINE.lower():
        return {"action": "decline"}
    if params.get("mode") == "url":
        if not _address(params):
            raise Wrong("Its address cannot be shown here, so nobody can have opened it.")
        return {"action": "accept"}
    asked = fields(params)
    required = params["requestedSchema"].get("required") if asked else []
    required = (
        [name for name in required if isinstance(name, str) and name in asked] if isinstance(required, list) else []
    )
    given = dict.fromkeys(asked, text) if len(asked) == 1 else _lines(text, asked)
    missing = [name for name in required if not given.get(name, "").strip()]
    if missing:
        raise Wrong(preview(f"Something is missing: {', '.join(map(shown_name, missing))}.", WRONG))
    content = {name: _value(shown_name(name), asked[name], told) for name, told in given.items()}
    return {"action": "accept", "content": content}


def _page(head: str, words: str, params: Mapping[str, Any]) -> Question:
    """With the whole address, for a person to look at and open: it is nothing that we open ourselves."""
    shown = _address(params)
    end = f"\n{shown}" if shown else "\nIts address is not shown: it is too long, not of https, or has odd characters."
    text = preview(f"{head}: {words}", EVENT_PREVIEW - len(end)) + end
    return Question(text=text, options=(OPENED, DECLINE) if shown else (DECLINE,))


def _address(params: Mapping[str, Any]) -> str:
    """The address of a page as it may stand in a thread; empty for one that may not."""
    address = str(params.get("url"))
    local = urlsplit(address).hostname in LOOPBACK if PLAIN.fullmatch(address) else False
    fits = len(address) <= ADDRESS and (address.startswith("https://") or local)
    return address if PLAIN.fullmatch(address) and fits else ""


def _host(params: Mapping[str, Any]) -> str:
    """Of a plain address: any other may be of another host than it looks."""
    address = str(params.get("url"))
    return f" on {urlsplit(address).hostname}" if PLAIN.fullmatch(address) else ""


def _lines(text: str, asked: Mapping[str, Any]) -> dict[str, str]:
    known = {shown_name(name).lower(): name for name in asked}
    found = (line.partition(":") for line in text.splitlines())
    return {known[n.strip().lower()]: told.strip() for n, _, told in found if n.strip().lower() in known}


def _shown(choice: Any) -> str:
    return preview(clean(str(choice)), OPTION_TEXT)


def _value(name: str, field: Mapping[str, Any], said: str) -> Any:
    said = said.strip()
    kind: Literal["boolean", "number", "integer", "array", "string"] = field.get("type", "string")
    try:
        match kind:
            case "boolean":
                if said.lower() not in (*TRUE, *FALSE):
                    raise Wrong(f"{name} must be yes or no.")
                return said.lower() in TRUE
            case "integer":
                return int(said)
            case "number":
                return _finite(said)
            case "array":
                items = field.get("items")
                each = items if isinstance(items, dict) else {}
                return [_value(name, each, one) for one in said.split(",") if one.strip()]
    except (ValueError, OverflowError):
        raise Wrong(f"{name} must be a number.") from None
    known = choices(field)
    chosen = next((c for c in known if said.lower() in (str(c).lower(), _shown(c).lower())), None)
    if known and chosen is None:
        raise Wrong(f"{name} must be one of: {', '.join(map(_shown, known[:OPTIONS]))}.")
    return said if chosen is None else chosen


def _finite(said: str) -> float:
    """JSON has no other numbers. Raises `ValueError`."""
    if not math.isfinite(number := float(said)):
        raise ValueError(said)
    return number
