"""Arguments of a tool call as a form: an input for each where they are few and flat, else all of them as JSON."""

import json

from threadwork.adapters.chat.edited_arguments import WHOLE_JSON, Scalar, flat, name, parsed, readable, whole
from threadwork.adapters.discord.modals.fields import FIELDS, MAX_INPUT, Field, Values, chosen, typed_in
from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import Rejected

TRUTHS = (("true", ""), ("false", ""))


def inputs(card: ApprovalCard) -> list[Field] | None:
    """The inputs, filled in. None: the arguments are too long for Discord's forms."""
    known = flat(card.arguments, FIELDS, _fits)
    if known is not None:
        return [field for at, (label, value) in enumerate(known.items()) for field in _input(name(at), label, value)]
    text = readable(card.arguments, MAX_INPUT)
    if len(text) > MAX_INPUT:
        return None
    return [typed_in(WHOLE_JSON, "Arguments", text, lines=True, hint="JSON, as the tool takes it.")]


def edited(values: Values, card: ApprovalCard) -> str:
    """The arguments as JSON, each of the type it had. Raises `Rejected`."""
    known = flat(card.arguments, FIELDS, _fits)
    if known is None:
        return _whole(values.get(WHOLE_JSON, ""))
    made = {}
    for at, (label, old) in enumerate(known.items()):
        try:
            made[label] = parsed(values.get(name(at), ""), old)
        except ValueError as error:
            raise Rejected(f"{one_line(label)}: {error}", "Open the form again.") from None
    return json.dumps(made, ensure_ascii=False)


def _whole(text: str) -> str:
    try:
        return whole(text)
    except ValueError as error:
        raise Rejected(str(error), "Open the form again.") from None


def _fits(value: str | float) -> bool:
    return not isinstance(value, str) or len(value) <= MAX_INPUT


def _input(custom_id: str, argument: str, value: Scalar) -> list[Field]:
    label = one_line(argument) or "(no name)"
    if isinstance(value, bool):
        return chosen(custom_id, label, TRUTHS, json.dumps(value))
    text = value if isinstance(value, str) else json.dumps(value)
    return [typed_in(custom_id, label, text, lines="\n" in text or len(text) > 60, needed=False)]
