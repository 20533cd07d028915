"""What OpenAI-compatible providers demand of what their models thought, beyond OpenAI's rules.

memory = Thought(field="reasoning_content", complaint=DEEPSEEK)
Row(script=[memory.says(openai.stream(…)), …], rules=memory.rules)
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.manners import openai
from tests.manners.server import Body, Reply

DEEPSEEK = "The `reasoning_content` in the thinking mode must be passed back to the API."
MOONSHOT = "thinking is enabled but reasoning_content is missing in assistant tool call message at index {at}"
OPENROUTER = (
    "Gemini models require OpenRouter reasoning details to be preserved in each request. Please refer to our docs: "
    "https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks."
)
GEMINI = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, "
    "and missing thought_signature may lead to degraded model performance. Additional data, function call "
    "`default_api:{name}` , position {at}."
)
EXTRA = "'messages.{at}' : for 'role:assistant' the following must be satisfied: property '{name}' is unsupported"
PLAIN = frozenset({"role", "content", "tool_calls", "name", "refusal"})


def thought_of(message: dict[str, Any], name: str) -> Any:
    """What is to come back of a message: a field of its own, or that of its first call where there is a dot."""
    if name == "extra_content":
        return (message.get("tool_calls") or [{}])[0].get("extra_content")
    return message.get(name)


@dataclass
class Thought:
    """Each message with calls comes back with exactly what the model thought before them, while it thinks.

    `blank`: what stands for the thoughts of others."""

    name: str  # of the field
    complaint: str
    values: Sequence[Any] = ()  # that it said, in the order of its messages with calls
    blank: str | None = None
    shown: list[Any] = field(default_factory=list)

    def rules(self, body: Body) -> Reply | None:
        return openai.rules(body) or next(iter(self._missing(body)), None)

    def _missing(self, body: Body) -> Iterable[Reply]:
        if (body.get("thinking") or {}).get("type") == "disabled":
            return
        self.shown = []
        for at, message in enumerate(body["messages"]):
            if message["role"] != "assistant" or not message.get("tool_calls"):
                continue
            given = thought_of(message, self.name)
            if given != self.blank:
                self.shown.append(given)
            if not given or (given != self.blank and given not in self.values):
                name = message["tool_calls"][0]["function"]["name"]
                yield openai.error(400, self.complaint.format(at=at, name=name), "invalid_request_error")


def nothing_more(body: Body) -> Reply | None:
    """Groq's manner: a message of the assistant has the fields that OpenAI knows, and no others."""
    for at, message in enumerate(body["messages"]):
        calls = [name for call in message.get("tool_calls") or () for name in set(call) - {"id", "type", "function"}]
        for name in (*(set(message) - PLAIN - {"tool_call_id"}), *calls):
            return openai.error(400, EXTRA.format(at=at, name=name), "invalid_request_error")
    return openai.rules(body)


def before(reply: Reply, *deltas: dict[str, Any]) -> Reply:
    """The reply with deltas in front of it, each a chunk of its own."""
    chunks = tuple(openai.event(openai.chunk(delta)) for delta in deltas)
    return Reply(pieces=(*chunks, *reply.pieces))


def signed(reply: Reply, extra: dict[str, Any]) -> Reply:
    """The reply with a field beside its first call, as Gemini's compatible endpoint has it."""
    pieces, done = [], False
    for piece in reply.pieces:
        if not done and b'"tool_calls"' in piece:
            data = json.loads(piece.removeprefix(b"data: "))
            data["choices"][0]["delta"]["tool_calls"][0]["extra_content"] = extra
            piece, done = openai.event(data), True
        pieces.append(piece)
    return Reply(pieces=tuple(pieces))
