"""What events of a budget say."""

from typing import ClassVar

from threadwork.workflows.event_types import EventType, Payload, Unit
from threadwork.workflows.values import Principal


class BudgetWarning(Payload):
    """A large share of a budget is used; `used` and `limit` in dollars or tokens, as `unit` says."""

    type: ClassVar = EventType.BUDGET_WARNING
    unit: Unit
    used: float
    limit: float
    share: float  # used / limit when it was noticed


class BudgetExceeded(Payload):
    """A budget is used up; `used` and `limit` in dollars or tokens, as `unit` says."""

    type: ClassVar = EventType.BUDGET_EXCEEDED
    unit: Unit
    used: float
    limit: float
    share: float
    child_task_id: str | None = None  # the delegated task whose grant it is; None: this one's own budget
    agent: str | None = None  # of that task


class BudgetIncreased(Payload):
    """Somebody raised the budget by so many dollars, tokens or iterations."""

    type: ClassVar = EventType.BUDGET_INCREASED
    by: Principal
    click_id: str
    add_usd: float = 0
    add_tokens: int = 0
    add_iterations: int = 0
    usd_limit: float | None = None
    tokens_limit: int | None = None
    max_iterations: int
