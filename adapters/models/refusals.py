"""What a model says in place of an answer: OpenAI's field `refusal`, most of which LiteLLM leaves out."""

from typing import Any

MAX_REFUSAL = 1_000  # characters that are kept


class Heard:
    """A stream as a client opened it, passed on as it is. `refusal` is what its pieces said under that name."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._pieces = stream.__aiter__()
        self.refusal = ""

    def __aiter__(self) -> "Heard":
        return self

    async def __anext__(self) -> Any:
        piece = await self._pieces.__anext__()
        if len(self.refusal) < MAX_REFUSAL:
            self.refusal = (self.refusal + _refusal(piece))[:MAX_REFUSAL]
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)  # how it is closed, and what LiteLLM looks up of it


def heard(answer: Any) -> Heard | None:
    """Listen to the stream behind an answer of LiteLLM's. None: there is none of that kind."""
    stream = getattr(answer, "completion_stream", None)
    if not hasattr(stream, "__aiter__"):
        return None
    answer.completion_stream = Heard(stream)
    return answer.completion_stream  # type: ignore[no-any-return]


def _refusal(piece: Any) -> str:
    choices = getattr(piece, "choices", None)
    said = getattr(getattr(choices[0], "delta", None), "refusal", None) if choices else None
    return said if isinstance(said, str) else ""
