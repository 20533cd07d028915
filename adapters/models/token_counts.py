"""How many tokens messages are: each is counted once by a tokenizer, however often it is shown.

Kept in the process only, for every run and model of it: a worker that did not count a message yet does it in a tenth of
a millisecond, which no row of a database is worth."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

from threadwork.adapters.models.litellm_library import library

MAX_COUNTS = 20_000  # counts, some 250 bytes each: a hundred long conversations

Message = dict[str, Any]
Key = tuple[str, bytes]
SYSTEM: Message = {"role": "system", "content": ""}  # LiteLLM counts tools beside one otherwise than alone


class TokenCounts:
    """By tokenizer and content, so no count of one tokenizer stands for another's. May be used by several threads."""

    def __init__(self, kept: int = MAX_COUNTS) -> None:
        self._kept = kept
        self._counts: OrderedDict[Key, int] = OrderedDict()  # the newest used last
        self._lock = Lock()

    def of(self, model: str, messages: Sequence[Message], tools: Sequence[Message]) -> int:
        """LiteLLM's estimate for all of it, in tokens. `model`: LiteLLM's name. Raises what LiteLLM does."""
        tokenizer, around = _tokenizer(model), _counted(model, [])

        def of_message(message: Message) -> int:
            return self._once(tokenizer, message, lambda: _counted(model, [message]) - around)

        def of_tools() -> int:
            return _counted(model, [SYSTEM], list(tools)) - _counted(model, [SYSTEM])

        beside = self._once(tokenizer, list(tools), of_tools) if tools else 0
        return around + beside + sum(map(of_message, messages))

    def _once(self, tokenizer: str, content: Any, count: Callable[[], int]) -> int:
        key = tokenizer, _digest(content)
        with self._lock:
            if key in self._counts:
                self._counts.move_to_end(key)
                return self._counts[key]
        counted = count()  # outside of the lock: a long text takes a while
        with self._lock:
            self._counts[key] = counted
            while len(self._counts) > self._kept:
                self._counts.popitem(last=False)
        return counted


def _counted(model: str, messages: list[Message], tools: list[Message] | None = None) -> int:
    """With what LiteLLM adds once for a request, however many messages it has."""
    return int(library().token_counter(model=model, messages=messages, tools=tools))


def _tokenizer(model: str) -> str:
    """Whatever else a model's name says, LiteLLM counts by its encoding and by one of two rules for messages."""
    counter = library().litellm_core_utils.token_counter
    rule = "old" if counter.uses_legacy_message_accounting(model) else "new"
    return f"{counter.openai_tokenizer_encoding_name(model)}/{rule}"


def _digest(content: Any) -> bytes:
    whole = json.dumps(content, sort_keys=True, default=str)
    return hashlib.blake2b(whole.encode(), digest_size=16).digest()
