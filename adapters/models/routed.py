"""Which model answers: the demo for `demo/…`, LiteLLM for every other name."""

from collections.abc import AsyncIterator

from threadwork.adapters.models.demo_model import DemoModel
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.workflows.models import Delta, ModelFacts, ModelRequest


class RoutedModel:
    """Satisfies the port `Model`."""

    def __init__(self, demo: DemoModel, lite: LiteLLMModel) -> None:
        self._demo, self._lite = demo, lite

    async def facts(self, model: str) -> ModelFacts:
        return await self._for(model).facts(model)

    async def count(self, request: ModelRequest) -> int:
        """Tokens, as the adapter of the model counts them."""
        return await self._for(request.model).count(request)

    def stream(self, request: ModelRequest) -> AsyncIterator[Delta]:
        return self._for(request.model).stream(request)

    async def warm(self) -> None:
        """Imports what is slow to import. To be awaited before the worker polls."""
        await self._lite.warm()

    async def close(self) -> None:
        await self._lite.close()

    def _for(self, model: str) -> DemoModel | LiteLLMModel:
        return self._demo if model.startswith("demo/") else self._lite
