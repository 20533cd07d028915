"""A model that says what it is told to."""

from collections.abc import AsyncIterator, Callable, Sequence

from threadwork.workflows.models import Delta, ModelFacts, ModelRequest, RequestedCall
from threadwork.workflows.values import Usage

Script = Callable[[ModelRequest], "Delta | Exception"]


def says(text: str, *calls: RequestedCall, usage: Usage | None = None, cost_nanos: int | None = None) -> Delta:
    """A whole answer: text, tool calls or both."""
    usage = usage or Usage(prompt=100, completion=20)
    return Delta(text=text, calls=calls, finish="tool_calls" if calls else "stop", usage=usage, cost_nanos=cost_nanos)


class MemoryModel:
    """Answers by a script: a list of deltas or errors in turn (the last one repeats), or a function of the request."""

    def __init__(self, script: Script | Sequence[Delta | Exception], facts: ModelFacts | None = None) -> None:
        self._script = script
        self._facts = facts or ModelFacts(name="memory/scripted", prompt_nanos=1_000, completion_nanos=1_000)
        self.requests: list[ModelRequest] = []

    async def facts(self, model: str) -> ModelFacts:
        return self._facts.model_copy(update={"name": model})

    async def count(self, request: ModelRequest) -> int:
        """Tokens, at four characters each."""
        return sum(len(str(message)) for message in request.messages) // 4

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """The next answer of the script; raises it where it is an error."""
        self.requests.append(request)
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        if answer.cost_nanos is None and answer.usage:
            cost = self._facts.cost(answer.usage.prompt, answer.usage.completion)
            answer = answer.model_copy(update={"cost_nanos": cost if self._facts.priced else None})
        yield answer

    def _answer(self, request: ModelRequest) -> Delta | Exception:
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.requests), len(self._script)) - 1]
