"""Why a migration has to wait."""

from math import ceil

from threadwork.workflows.errors import ThreadworkError


class OldVersionRuns(ThreadworkError):
    """Processes of an older version hold leases, or did until a moment ago; nothing was changed.

    `seconds`: after which the last of the leases has run out, if nobody renews it."""

    def __init__(self, held: int, seconds: float) -> None:
        self.seconds = seconds
        leases = "A lease of the older version is" if held == 1 else f"{held} leases of the older version are"
        super().__init__(
            f"The database was left as it is. {leases} still held: what its processes write now would be lost.",
            f"Stop the bots and workers of the older version, wait {ceil(seconds)} seconds, and try again.",
        )
