"""The model behind HTTP: the script, with an account of all that was answered, and bad days."""

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.chaos.storm.script import turn
from tests.openai_server import Fault, OpenAIServer, Turn

PROMPT = 300  # tokens of every question; each answer has as many as no other, by which it is known again
FIRST = 20


@dataclass
class StormModel(OpenAIServer):
    """`fault`: what strikes two in three of the calls right now."""

    log: Path = Path("model.log")
    pace: float = 0.4  # seconds for an answer
    seed: int = 0
    fault: Fault | None = None

    def __enter__(self) -> "StormModel":
        self._draw = random.Random(self.seed)
        self.answered: set[int] = set()  # totals of tokens
        super().__enter__()
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # callers are killed: no news
        return self

    def next(self, body: dict[str, Any], headers: dict[str, str]) -> Turn:
        with self._lock:
            self._used += 1
            tokens = FIRST + self._used
            self.answered.add(PROMPT + tokens)
            fault = self.fault if self._draw.random() < 0.66 else None
        said = replace(turn(body["messages"]), prompt_tokens=PROMPT, completion_tokens=tokens, piece=20)
        if fault:
            said = replace(said, fault=fault, retry_after=1 if fault == "rate_limit" else None)
        with self._lock, self.log.open("a") as log:
            log.write(f"{time.time():.3f} {PROMPT + tokens} {fault or 'ok'} {said.text} {said.calls}\n")
        time.sleep(self.pace)
        return said
