"""Models, and what is made fit for them."""

from collections.abc import AsyncIterator
from typing import Protocol

from threadwork.workflows.files import GivenFile
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest


class Attempts(Protocol):
    """What is known of model calls that are tried again and again."""

    async def waiting(self, task_id: str) -> str | None:
        """That the task's model is waited for, in words for people; empty: it is not. None: not known. Never raises."""


class Model(Protocol):
    """Language models by name. Counts are tokens; nothing is tried twice."""

    async def facts(self, model: str) -> ModelFacts:
        """Raises `ModelError` for a model that cannot be used, naming the variable that is missing."""

    async def count(self, request: ModelRequest) -> int:
        """Prompt tokens of a request, estimated."""

    def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        """Raises `ModelUnavailable`, `ModelError` or `ContextOverflow`."""


class FileReader(Protocol):
    """Files, made fit for models."""

    async def image(self, file: GivenFile) -> GivenFile | None:
        """As every provider takes it. None: it is no image, or too large to be opened."""

    async def text(self, file: GivenFile) -> str:
        """What a PDF says. Empty: nothing, or it cannot be read."""
