"""How much of its limits a task has used, and when people must hear of it."""

from pydantic import BaseModel, Field

from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.budget_events import BudgetExceeded, BudgetWarning
from threadwork.workflows.event_types import Payload, Unit
from threadwork.workflows.messages import BudgetIncrease
from threadwork.workflows.values import NANOS, Ledger

WARNINGS = (0.5, 0.8)  # shares of a limit at which people are warned
UNITS: tuple[Unit, ...] = ("usd", "tokens")


class BudgetTracker(BaseModel):
    """Pure bookkeeping. The ledger in the database is the truth; `adopt` takes it over."""

    nanos_limit: int | None = None  # nano-dollars; None: no limit
    tokens_limit: int | None = None
    spent: Ledger = Ledger()
    delegated: Ledger = Ledger()  # spent by delegated tasks, as far as they have told
    told: dict[Unit, float] = Field(default_factory=dict)  # highest share announced under the present limit
    refused: Unit | None = None  # a call did not fit under what was left of this limit

    @classmethod
    def of(cls, spec: BudgetSpec, spent: Ledger, added_usd: float = 0, added_tokens: int = 0) -> "BudgetTracker":
        """The tracker of a run: the agent's limits, what people added before, and what was spent."""
        tracker = cls(nanos_limit=spec.nanos, tokens_limit=spec.tokens, spent=spent)
        tracker._raise(added_usd, added_tokens)
        return tracker

    @property
    def nanos_for_calls(self) -> int | None:
        """The limit on this task's own ledger, in nano-dollars, without what its children spent; None: none."""
        return None if self.nanos_limit is None else self.nanos_limit - self.delegated.nanos

    @property
    def tokens_for_calls(self) -> int | None:
        """The limit on this task's own calls, in tokens, without what its children spent; None: none."""
        return None if self.tokens_limit is None else self.tokens_limit - self.delegated.tokens

    def share(self, owed: Ledger, of: int) -> tuple[int | None, int | None]:
        """Nano-dollars and tokens of one of so many equal parts of what is neither spent nor `owed` to children."""
        nanos, tokens = self.nanos_for_calls, self.tokens_for_calls
        return (
            None if nanos is None else max(nanos - self.spent.nanos - owed.nanos, 0) // of,
            None if tokens is None else max(tokens - self.spent.tokens - owed.tokens, 0) // of,
        )

    def adopt(self, ledger: Ledger) -> list[Payload]:
        """Take over the ledger's total and return what must be told of it."""
        self.spent = ledger
        return [told for unit in UNITS if (told := self._news(unit))]

    def refuse(self, unit: Unit) -> list[Payload]:
        """A call did not fit under this limit any more: that exceeds it."""
        self.refused = unit
        if self.told.get(unit, 0) >= 1:
            return []
        self.told[unit] = 1
        return [self._exceeded(unit)]

    def increase(self, increase: BudgetIncrease) -> None:
        self._raise(increase.add_usd, increase.add_tokens)
        self.refused = None
        self.told = {unit: self._step(unit) for unit in UNITS}

    def is_exceeded(self) -> bool:
        return self.refused is not None or any(self._share(unit) >= 1 for unit in UNITS)

    @property
    def usd(self) -> float:
        """Dollars spent, by delegated tasks too."""
        return (self.spent.nanos + self.delegated.nanos) / NANOS

    @property
    def tokens(self) -> int:
        """Tokens spent, by delegated tasks too."""
        return self.spent.tokens + self.delegated.tokens

    @property
    def usd_limit(self) -> float | None:
        """Dollars; None: there is no limit."""
        return None if self.nanos_limit is None else self.nanos_limit / NANOS

    def get_status(self) -> dict[str, float | int | None]:
        """`{usd, usd_limit, tokens, tokens_limit}`; a limit of None is none."""
        return {
            "usd": self.usd,
            "usd_limit": self.usd_limit,
            "tokens": self.tokens,
            "tokens_limit": self.tokens_limit,
        }

    def _raise(self, usd: float, tokens: int) -> None:
        if self.nanos_limit is not None:
            self.nanos_limit += round(usd * NANOS)
        if self.tokens_limit is not None:
            self.tokens_limit += tokens

    def _used(self, unit: Unit) -> tuple[float, float | None]:
        return (self.usd, self.usd_limit) if unit == "usd" else (self.tokens, self.tokens_limit)

    def _share(self, unit: Unit) -> float:
        used, limit = self._used(unit)
        if limit is None:
            return 0
        return used / limit if limit else 1

    def _step(self, unit: Unit) -> float:
        """The highest announced step the present share has reached."""
        return max((step for step in (*WARNINGS, 1.0) if self._share(unit) >= step), default=0)

    def _news(self, unit: Unit) -> Payload | None:
        step = self._step(unit)
        if step <= self.told.get(unit, 0):
            return None
        self.told[unit] = step
        return self._exceeded(unit) if step == 1 else self._warning(unit)

    def _exceeded(self, unit: Unit) -> Payload:
        used, limit = self._used(unit)
        return BudgetExceeded(unit=unit, used=used, limit=limit or 0, share=self._share(unit))

    def _warning(self, unit: Unit) -> Payload:
        used, limit = self._used(unit)
        return BudgetWarning(unit=unit, used=used, limit=limit or 0, share=self._share(unit))
