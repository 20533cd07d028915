"""What an answer comes to, unless it is a summary: the result that the workflow gets, and the messages that it adds."""

from typing import NamedTuple

from threadwork.activities.model_calls.answer import (
    assistant_message,
    fitting,
    kept_fields,
    proposals,
    referred,
    requested,
    text,
)
from threadwork.activities.model_calls.answer_endings import is_announced, uncut
from threadwork.activities.model_calls.meant_names import offered_names
from threadwork.activities.tool_calls.builtins import named, resolved
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.announcements import is_blank
from threadwork.workflows.call_requests import LLMRequest, LLMResult, ProposedCall
from threadwork.workflows.calls import Message
from threadwork.workflows.models import Delta
from threadwork.workflows.values import preview

Digested = tuple[LLMResult, tuple[Message, ...]]


class Answered(NamedTuple):
    """A whole answer, its texts clean; `as_text`: its calls were written as text."""

    config: RunConfig
    request: LLMRequest
    said: str
    thought: str
    last: Delta
    as_text: bool
    output_cap: int

    def digested(self) -> Digested:
        """The result, without what it cost, and the messages. Raises whatever makes the answer unusable."""
        said = "" if is_blank(self.said) or self.as_text else self.said
        ref = f"said:{self.request.call_id}"
        result = LLMResult(outcome="ok", text=preview(said), ref=ref)
        calls, messages = self._turn(said, ref)
        announced = is_announced(said, self.last, self.config)
        result = result.model_copy(update={"calls": calls, "announced": announced})
        if self.thought:
            messages.append(text(f"thought:{self.request.call_id}", self.thought))
            found = {"thinking": preview(self.thought), "thinking_ref": messages[-1].ref}
            result = result.model_copy(update=found)
        return fitting(self.request.model, result, tuple(messages)), tuple(messages)

    def _turn(self, said: str, ref: str) -> tuple[tuple[ProposedCall, ...], list[Message]]:
        request, last = self.request, self.last
        taken = requested(last.calls, request.call_id, offered_names(self.config))
        calls = [named(call, self.config) for call in taken]
        meant = [resolved(call, self.config) for call in calls]
        proposed = proposals(len(last.calls), meant, request.call_id, self.config, self.as_text)
        proposed = uncut(proposed, last, self.output_cap)
        kept = kept_fields(request.model, last, calls)
        message = assistant_message(said, ref, request.position, calls, kept, self.as_text)
        return proposed, [message, *referred(meant, proposed)]
