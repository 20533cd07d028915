"""What runs work with, as it was when they began."""

from threadwork.activities.ports.storage import Runs
from threadwork.workflows.agents import RunConfig


class Configs:
    """Snapshots by hash. They never change, so the newest are kept at hand."""

    def __init__(self, runs: Runs, keep: int = 64) -> None:
        self._runs = runs
        self._keep = keep
        self._kept: dict[str, RunConfig] = {}

    async def get(self, config_hash: str) -> RunConfig:
        if config_hash not in self._kept:
            self._kept[config_hash] = await self._runs.config(config_hash)
            for oldest in list(self._kept)[: -self._keep]:
                del self._kept[oldest]
        return self._kept[config_hash]
