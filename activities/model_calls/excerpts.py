"""Texts that are too long, as head and tail with a mark."""

from collections.abc import Callable, Sequence

from threadwork.activities.model_calls.conversation_units import tokens
from threadwork.workflows.calls import Message

MIN_EXCERPT = 400  # characters that a text is never cut below
TURN = ("tool", "note", "follow_up", "answer", "decision", "goal", "assistant")  # in this order texts are cut


def head_and_tail(text: str, characters: int, ref: str | None = None) -> str:
    """`ref`: by which the model can read the rest."""
    if len(text) <= characters:
        return text
    head, tail = characters * 2 // 3, characters // 4
    way = f': read_output(id="{ref}", offset={head})' if ref else ""
    return f"{text[:head]}\n[… {len(text) - head - tail} characters left out{way} …]\n{text[-tail:]}"


def shortened(messages: Sequence[Message], surplus: int) -> list[Message]:
    """The same without so many tokens: outputs are cut first, the largest of them most, then what people wrote."""
    result = list(messages)
    for kinds in (TURN[:1], TURN):
        while surplus > 0 and (found := _largest(result, lambda m, kinds=kinds: m.kind in kinds)) is not None:  # type: ignore[misc]
            whole, text = result[found], str(result[found].body["content"])
            original = next(m for m in messages if m.ref == whole.ref and m.position == whole.position)
            most = max(MIN_EXCERPT, len(text) // 2)
            cut = head_and_tail(str(original.body["content"]), most, whole.ref)
            surplus -= tokens(text) - tokens(cut)
            result[found] = whole.model_copy(update={"body": {**whole.body, "content": cut}})
    return result


def _largest(messages: Sequence[Message], which: Callable[[Message], bool]) -> int | None:
    """One that is worth cutting; None: there is none left."""
    sizes = {n: len(str(m.body.get("content") or "")) for n, m in enumerate(messages) if which(m)}
    largest = max(sizes, key=sizes.__getitem__, default=None)
    return largest if largest is not None and sizes[largest] > 2 * MIN_EXCERPT else None
