"""What leases are about."""

from enum import StrEnum


class LeaseScope(StrEnum):
    """Owner and key of a lease, by its scope."""

    SINK = "sink"  # a task and the key of a sink: who delivers there
    CONNECTION = "connection"  # a platform and a name: who holds the connection to it
    TURN = "turn"  # a platform and the key of a delivery: who answers it
