"""What stands in Slack's blocks and can be pressed, chosen or filled in, as HTML."""

from collections.abc import Callable
from typing import Any

from tests.pictures.markup import Json, div, picture, span, tag, text, unknown
from tests.pictures.slack_text import plain


def element(given: Json) -> str:
    drawn = ELEMENTS.get(given["type"])
    return drawn(given) if drawn else unknown(given["type"])


def _words(given: Json | None) -> str:
    return plain(given) if given else ""


def _button(given: Json) -> str:
    return tag("button", span("label", plain(given["text"])), css=given.get("style", ""))


def _feedback(given: Json) -> str:
    pair = (given["positive_button"], given["negative_button"])
    return span("feedback", *(tag("button", plain(one["text"])) for one in pair))


def _select(given: Json) -> str:
    chosen = given.get("initial_option")
    words = plain(chosen["text"]) if chosen else span("hint", _words(given.get("placeholder")) or "Choose an option")
    return span("select", span("label", words), span("chevron", "⌄"))


def _field(given: Json) -> str:
    value = given.get("initial_value") or given.get("initial_date") or given.get("initial_time")
    words = text(str(value)) if value else span("hint", _words(given.get("placeholder")))
    return div("field many" if given.get("multiline") else "field", words)


def _choices(sign: str) -> Callable[[Json], str]:
    def drawn(given: Json) -> str:
        initial = given.get("initial_options") or [given.get("initial_option")]
        return "".join(div("choice", _mark(sign, one in initial), _option(one)) for one in given["options"])

    return drawn


def _mark(sign: str, chosen: Any) -> str:
    return span(f"mark {sign} {'chosen' if chosen else ''}")


def _option(given: Json) -> str:
    more = given.get("description")
    return span("", plain(given["text"]), div("hint", plain(more)) if more else "")


ELEMENTS: dict[str, Callable[[Json], str]] = {
    "button": _button,
    "workflow_button": _button,
    "icon_button": lambda given: tag("button", plain(given["text"]), css="icon"),
    "feedback_buttons": _feedback,
    "overflow": lambda given: tag("button", "⋯", css="overflow"),
    "plain_text_input": _field,
    "number_input": _field,
    "email_text_input": _field,
    "url_text_input": _field,
    "datepicker": _field,
    "timepicker": _field,
    "file_input": lambda given: div("field", span("hint", "Choose files")),
    "checkboxes": _choices("box"),
    "radio_buttons": _choices("round"),
    "image": lambda given: picture(given.get("image_url", ""), given["alt_text"]),
    **{
        f"{many}{kind}_select": _select
        for many in ("", "multi_")
        for kind in ("static", "external", "users", "conversations", "channels")
    },
}
