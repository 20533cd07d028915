"""Where a conversation with the demo model stands, read from the conversation alone."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from threadwork.workflows.values import Value

# How a result says that people, or the policy, did not let a call run.
NOT_DONE = re.compile(
    r"\b(denied|denial|declined|rejected|refused|expired|superseded|not run|not approved|not allow(ed)?)\b", re.I
)
# What the run itself says to a model in the place of a person.
NOTE = re.compile(r"Your answer was |You said nothing|\[Summary of ")


class PastCall(Value):
    """A tool call of the demo and what came of it."""

    name: str
    arguments: dict[str, Any]
    result: str | None = None  # None: nothing was said about it

    @property
    def declined(self) -> bool:
        """People, or the policy, did not let it run."""
        return self.result is not None and not self.written and bool(NOT_DONE.search(self.result))

    @property
    def written(self) -> bool:
        """The notes server said that the note is there."""
        return self.result is not None and self.result.startswith("Wrote ")


class Round(Value):
    """From what a person said to the answer they got."""

    opening: str = ""
    replies: tuple[str, ...] = ()  # said while it was under way
    unheard: tuple[str, ...] = ()  # those of them said since the demo last spoke
    calls: tuple[PastCall, ...] = ()
    spoken: bool = False
    ended: bool = False

    def named(self, name: str) -> tuple[PastCall, ...]:
        return tuple(call for call in self.calls if call.name == name)

    def heard(self, text: str) -> "Round":
        told = [(call.result or "").partition(" answered: ")[2] for call in self.named("ask_user")]
        if any(answer and answer[:100] == text[:100] for answer in told):
            return self  # a reply that answered the question: its result has said so
        if not self.opening and not self.spoken:
            return self.model_copy(update={"opening": text})
        return self.model_copy(update={"replies": (*self.replies, text), "unheard": (*self.unheard, text)})

    def said(self, calls: tuple[PastCall, ...]) -> "Round":
        ended = not calls or any(call.name == "complete_task" for call in calls)
        change = {"calls": (*self.calls, *calls), "spoken": True, "unheard": (), "ended": ended}
        return self.model_copy(update=change)


class Scene(Value):
    """Everything the script looks at."""

    rounds: tuple[Round, ...]
    offered: frozenset[str]  # names of the tools it may call

    @property
    def now(self) -> Round:
        return self.rounds[-1]

    @property
    def goal(self) -> str:
        return self.rounds[0].opening

    @property
    def written(self) -> str | None:
        """Name of the newest note that this task wrote."""
        calls = [call for past in self.rounds for call in past.named("notes__write_note") if call.written]
        return str(calls[-1].arguments.get("name", "")) if calls else None

    def to_do(self, name: str) -> bool:
        """Offered, and not called in this round."""
        return name in self.offered and not self.now.named(name)


def scene(messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> Scene:
    """Reads a conversation in the OpenAI chat form. System messages say nothing to the demo."""
    results = {str(m.get("tool_call_id")): text_of(m) for m in messages if m.get("role") == "tool"}
    rounds = [Round()]
    for message in messages:
        if message.get("role") == "user" and not NOTE.match(text_of(message)):
            if rounds[-1].ended:
                rounds.append(Round())
            rounds[-1] = rounds[-1].heard(text_of(message))
        elif message.get("role") == "assistant":
            rounds[-1] = rounds[-1].said(tuple(_calls(message, results)))
    offered = frozenset(str(tool.get("function", {}).get("name", "")) for tool in tools)
    return Scene(rounds=tuple(rounds), offered=offered)


def text_of(message: dict[str, Any]) -> str:
    """The text of a chat message, whose content may be a string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def _calls(message: dict[str, Any], results: dict[str, str]) -> Iterable[PastCall]:
    for call in message.get("tool_calls") or ():
        function = call.get("function", {})
        try:
            arguments = json.loads(function.get("arguments") or "{}")
        except ValueError:
            arguments = {}
        name, result = str(function.get("name", "")), results.get(str(call.get("id")))
        yield PastCall(name=name, arguments=arguments if isinstance(arguments, dict) else {}, result=result)
