"""In-memory twins of the storage ports and of the bus, for tests and for trying things out."""

from adapters.memory.bus import MemoryBus
from adapters.memory.store import MemoryStore

__all__ = ["MemoryBus", "MemoryStore"]
