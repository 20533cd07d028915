"""In-memory twins of the storage ports and of the bus, for tests and for trying things out."""

from threadwork.adapters.memory.event_bus import MemoryBus
from threadwork.adapters.memory.store import MemoryStore

__all__ = ["MemoryBus", "MemoryStore"]
