"""Errors that ports exchange. The text of each is a sentence for a person."""

from threadwork.workflows.values import Usage


class ThreadworkError(Exception):
    """Something a person is told about; `hint` says what to do next."""

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.detail} {self.hint}".strip()


class NotFound(ThreadworkError):
    """There is no such task, agent, approval or text."""


class Rejected(ThreadworkError):
    """What was asked for makes no sense or is not allowed; nothing was changed."""


class StaleRun(ThreadworkError):
    """A later run of the task has taken over; this one's writes are refused."""


class EventConflict(ThreadworkError):
    """A different event is stored under this number, or a number was left out."""


class NotHeld(ThreadworkError):
    """A call of a tool that stayed open while people were asked is gone, and what they answered did not reach it."""

    def __init__(self) -> None:
        super().__init__("The call was lost while people were asked, so what they answered did not reach it.")


class Unsendable(ThreadworkError):
    """What people answered a tool is nothing that can be sent to its server; the call is as it was."""

    def __init__(self) -> None:
        super().__init__("That answer cannot be sent to the server.")


class ModelError(ThreadworkError):
    """A model call failed for good; trying the same again would not help."""


class ContextOverflow(ModelError):
    """The conversation is longer than the model takes. `limit`: what it takes, in tokens; None: it does not say.

    `usage`, `cost_nanos`: what it came to, where an answer had begun."""

    def __init__(
        self,
        detail: str,
        hint: str = "",
        limit: int | None = None,
        usage: Usage | None = None,
        cost_nanos: int | None = None,
    ) -> None:
        super().__init__(detail, hint)
        self.limit = limit
        self.usage = usage
        self.cost_nanos = cost_nanos


class ToolRefused(ModelError):
    """The provider takes the request but for one of its tools. `tool`: the name under which it was offered."""

    def __init__(self, detail: str, tool: str) -> None:
        super().__init__(detail)
        self.tool = tool


class Undigestible(ModelError):
    """An answer came, was paid for and cannot be used. `usage`, `cost_nanos`: what it came to; None: not known."""

    def __init__(self, detail: str, usage: Usage | None = None, cost_nanos: int | None = None) -> None:
        super().__init__(detail, "Try again, or choose another model.")
        self.usage = usage
        self.cost_nanos = cost_nanos


class ModelUnavailable(ThreadworkError):
    """A model call failed for now. `retry_after` is in seconds; None: as the caller likes."""

    def __init__(self, detail: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail, hint)
        self.retry_after = retry_after


class BrokenAnswer(ModelUnavailable):
    """An answer began and did not come whole. `written`: characters of it that came, thoughts and calls included.

    `usage`, `cost_nanos`: what it came to, where the provider had said so."""

    def __init__(
        self, detail: str, written: int = 0, usage: Usage | None = None, cost_nanos: int | None = None
    ) -> None:
        super().__init__(detail)
        self.written = written
        self.usage = usage
        self.cost_nanos = cost_nanos


class SinkGone(ThreadworkError):
    """A chat destination will never take a message again."""


class ChatUnavailable(ThreadworkError):
    """A chat platform did not take a call for now. `retry_after` is in seconds, for every call that the same rate
    limits are on; without `everywhere` only for those on the narrowest of them."""

    def __init__(self, detail: str, hint: str = "", retry_after: float | None = None, everywhere: bool = True) -> None:
        super().__init__(detail, hint)
        self.retry_after = retry_after
        self.everywhere = everywhere
