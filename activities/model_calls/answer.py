"""What a model answered, as a task takes it: whole characters, calls that JSON can hold, nothing without a bound."""

import json
from collections.abc import Collection, Sequence

from threadwork.activities.model_calls.conversation_turns import AS_TEXT
from threadwork.activities.model_calls.meant_names import meant_name, unwrapped
from threadwork.activities.tool_calls.builtins import MAX_TOOL_NAME, parse_arguments, propose
from threadwork.workflows.agents import RunConfig, ToolSpec
from threadwork.workflows.call_requests import CompleteTask, Delegate, LLMResult, ProposedCall
from threadwork.workflows.calls import Message
from threadwork.workflows.errors import Undigestible
from threadwork.workflows.models import ANSWER, KEPT_KEY, PRICE, TOKENS, Delta, ModelFacts, RequestedCall
from threadwork.workflows.texts import TooDeep, clean, cleaned
from threadwork.workflows.tool_names import safe_name
from threadwork.workflows.values import PREVIEW, Usage, preview

CALLS = 50  # of one answer that are taken
ID = 8_000  # characters of a call's id: some carry a signature of the model's thought
RESULT = 1_400_000  # bytes; Temporal takes 2 MB, and encryption adds a third
LEFT_OUT = "An answer may make {taken} calls at most. This one and {more} after it were not run; make them again."


def came_to(last: Delta, said: str, estimate: int, facts: ModelFacts) -> tuple[Usage, int | None]:
    """Tokens and nano-dollars as the provider says; by our own count, four characters a token, where that cannot be."""
    used, cost = last.usage, last.cost_nanos
    if used and max(used.prompt, used.completion) <= TOKENS and 0 <= (cost or 0) <= PRICE:
        return used.model_copy(update={"cached": min(used.cached, used.prompt)}), cost
    written = len(said) + sum(len(call.name) + len(call.arguments) for call in last.calls)
    return estimated(estimate, written, facts)


def estimated(prompt: int, written: int, facts: ModelFacts) -> tuple[Usage, int | None]:
    """`written`: characters of the answer. The cost is None where the price is not known."""
    usage = Usage(prompt=prompt, completion=-(-written // 4))
    return usage, facts.cost(usage.prompt, usage.completion) if facts.priced else None


def requested(calls: Sequence[RequestedCall], call_id: str, offered: Collection[str]) -> list[RequestedCall]:
    """The calls that are taken and the first that is not, each under an id of ours, whatever the provider gave."""
    return [
        RequestedCall(
            id=f"call_{call_id.replace('.', '_')}_{number}",
            name=preview(meant_name(clean(call.name), offered), MAX_TOOL_NAME),
            arguments=_readable(unwrapped(clean(call.arguments))),
            kept=call.kept,
        )
        for number, call in enumerate(calls[: CALLS + 1])
    ]


def proposals(
    made: int, calls: list[RequestedCall], call_id: str, config: RunConfig, as_text: bool = False
) -> tuple[ProposedCall, ...]:
    """Raises `TooDeep`. `made`: how many calls there were; of those beyond the bound the last one tells."""
    proposed = [propose(call, f"arguments:{call_id}:{number}", config) for number, call in enumerate(calls)]
    if made > CALLS:
        problem = LEFT_OUT.format(taken=CALLS, more=made - CALLS - 1)
        proposed[-1] = proposed[-1].model_copy(update={"problem": problem, "tool": None, "builtin": None})
    if not as_text:
        return tuple(proposed)
    asked = [{"as_text": True, "asks": isinstance(call.builtin, Delegate)} for call in proposed]
    return tuple(call.model_copy(update=changes) for call, changes in zip(proposed, asked, strict=True))


def assistant_message(
    said: str,
    ref: str,
    position: int,
    calls: list[RequestedCall],
    kept: dict[str, object] | None = None,
    as_text: bool = False,
) -> Message:
    """What the model said, as a message of the conversation; an empty answer is a text that does not enter it.

    `kept`: what its provider wants back with it."""
    if not calls and not said.strip():
        return text(ref, said)
    body: dict[str, object] = {"role": "assistant", "content": said if said.strip() else None}
    if calls:
        body["tool_calls"] = [_wire(call) for call in calls]
    if as_text:
        body[AS_TEXT] = True
    return Message(ref=ref, kind="assistant", body=body | ({KEPT_KEY: kept} if kept else {}), position=position)


def kept_fields(model: str, last: Delta, calls: list[RequestedCall]) -> dict[str, object] | None:
    """The provider's own fields of an answer and its calls, beside the model that wrote it. None: there are none."""
    if not last.kept and not any(set(call.kept) - {"id"} for call in calls):
        return None
    return {"model": model, "fields": last.kept, "calls": {call.id: call.kept for call in calls}}


def referred(calls: list[RequestedCall], proposed: tuple[ProposedCall, ...]) -> list[Message]:
    """The texts that proposals refer to."""
    texts = [text(p.arguments_ref, call.arguments) for call, p in zip(calls, proposed, strict=True)]
    answers = [
        text(p.builtin.answer_ref, str(parse_arguments(call.arguments)["answer"]))
        for call, p in zip(calls, proposed, strict=True)
        if isinstance(p.builtin, CompleteTask)
    ]
    return [*texts, *answers]


def text(ref: str, content: str) -> Message:
    return Message(ref=ref, kind="text", body={"content": content})


def fitting(model: str, result: LLMResult, messages: tuple[Message, ...]) -> LLMResult:
    """The result, known to be one that history and tables take. Raises `Undigestible`, and what serialising raises."""
    written = sum(len(message.model_dump_json()) for message in messages)
    if written > 4 * ANSWER or len(result.model_dump_json()) > RESULT:
        raise Undigestible(f"{model} gave an answer that is too large.")
    return result


def recorded(stored: dict[str, object], model: str) -> LLMResult:
    """A result of an earlier attempt, also of one from before answers were cleaned."""
    result = LLMResult.model_validate(cleaned(stored))
    try:
        return fitting(model, result, ())
    except Undigestible as error:
        return LLMResult(outcome="failed", error=str(error), usage=result.usage, cost_nanos=result.cost_nanos)


def refused(tool: ToolSpec | None, error: Exception) -> LLMResult:
    """Of a request that a provider did not take for one of its tools; None: it is one of ours."""
    if tool is None:
        return LLMResult(outcome="failed", error=str(error))
    told = f"{tool.name} is left out from now on. {error}"
    return LLMResult(outcome="failed", error=preview(told, PREVIEW), refused_tool=tool.name)


def unusable(model: str, error: Exception) -> str:
    """Why a call failed after an answer had come, for people."""
    if isinstance(error, Undigestible):
        return str(error)
    why = f": {error}" if isinstance(error, TooDeep) else ""
    return str(Undigestible(f"{model} gave an answer that cannot be used{why}."))


def _readable(arguments: str) -> str:
    """JSON can name by an escape what no text can hold: such arguments are written anew, so that all see the same."""
    if "\\u" not in arguments:
        return arguments
    try:
        given = json.loads(arguments)
        whole = cleaned(given)
        return arguments if whole == given else json.dumps(whole, ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def _wire(call: RequestedCall) -> dict[str, object]:
    """A call as it goes back to the provider, who may insist on arguments that are a JSON object."""
    try:
        parse_arguments(call.arguments)
        arguments = call.arguments or "{}"
    except ValueError:
        arguments = "{}"
    return {"id": call.id, "type": "function", "function": {"name": safe_name(call.name), "arguments": arguments}}
