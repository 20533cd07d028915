"""The blocks that cards are made of. Words of people and models stand in rich text, whose texts nobody parses."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextActionsBlock,
    ContextBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    HeaderBlock,
    InteractiveElement,
    LinkButtonElement,
    MarkdownBlock,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    RawTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextPreformattedElement,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
    TableBlock,
)

from threadwork.adapters.slack.cards.text import escaped
from threadwork.adapters.wording.card_words import one_line
from threadwork.adapters.wording.link_hosts import unmasked
from threadwork.workflows.buttons import Button

Block = dict[str, Any]
Inline = str | RichTextElement
BLOCKS = 50  # a message; documented
WEIGHT = 11_500  # characters of all blocks of a message; Slack refuses somewhat more than 13,000, undocumented
MENU = 5  # options of an overflow; documented
LABEL = 75  # characters on a button; documented
ROWS, COLUMNS = 100, 20  # of a table; documented
CELLS = 6_000  # characters of a table
LINE = 2_900  # characters of a text object; 3,000 documented
_LINK = re.compile(r"(https?://[^\s<>|\"]{1,2000}[^\s<>|\".,;:!?)\]'])")
_USER = re.compile(r"[UW][A-Z0-9]{6,20}")
_DATE = {"clock": "{date_short_pretty} {time}", "day": "{date_short_pretty}", "ago": "{ago}"}


# --- rich text -----------------------------------------------------------------------------------------


def rich(*elements: RichTextElement) -> Block:
    return _made(RichTextBlock(elements=elements))


def section(*parts: Inline) -> RichTextElement:
    """A line or more. A plain string is taken as it stands, but for the addresses in it."""
    return RichTextSectionElement(elements=_inline(parts) or [RichTextElementParts.Text(text="–")])


def quote(text: str) -> RichTextElement:
    return RichTextQuoteElement(elements=_inline((text,)) or [RichTextElementParts.Text(text="–")])


def code(text: str) -> RichTextElement:
    return RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=text or " ")])


def bold(text: str) -> RichTextElement:
    return RichTextElementParts.Text(text=text, style={"bold": True})


def italic(text: str) -> RichTextElement:
    return RichTextElementParts.Text(text=text, style={"italic": True})


def struck(text: str) -> RichTextElement:
    return RichTextElementParts.Text(text=text, style={"strike": True})


def mono(text: str) -> RichTextElement:
    return RichTextElementParts.Text(text=text, style={"code": True})


def link(url: str, text: str) -> Inline:
    """A link, or the mere text where there is nowhere to go."""
    return RichTextElementParts.Link(url=url, text=text) if url.startswith(("https://", "http://")) else text


def when(at: datetime, form: Literal["clock", "day", "ago"] = "clock") -> RichTextElement:
    """A moment on the reader's own clock."""
    fallback = f"{at:%d %b %H:%M} UTC"
    return RichTextElementParts.Date(timestamp=int(at.timestamp()), format=_DATE[form], fallback=fallback)


def person(member: str) -> Inline:
    """A member as `threadwork.yaml` writes it: called by a mention if it is a user's id, else shown as text."""
    return RichTextElementParts.User(user_id=_user(member)) if is_user(member) else one_line(member)


def is_user(member: str) -> bool:
    return _USER.fullmatch(_user(member)) is not None


def _user(member: str) -> str:
    return member.rpartition(":")[2] if member.startswith("slack:") else member


def _inline(parts: Iterable[Inline]) -> list[RichTextElement]:
    return [made for part in parts for made in (_linked(part) if isinstance(part, str) else (part,))]


def _linked(text: str) -> list[RichTextElement]:
    """The addresses in a text as links that show where they lead."""
    pieces = enumerate(_LINK.split(unmasked(text)))
    return [
        RichTextElementParts.Link(url=piece) if number % 2 else RichTextElementParts.Text(text=piece)
        for number, piece in pieces
        if piece
    ]


# --- other blocks --------------------------------------------------------------------------------------


def header(text: str) -> Block:
    return _made(HeaderBlock(text=PlainTextObject(text=text[:150])))


def prose(text: str) -> Block:
    """Markdown that was made safe by `text.markdown`."""
    return _made(MarkdownBlock(text=text))


def table(rows: Sequence[Sequence[str]]) -> list[Block]:
    """Rows of plain texts, the head first; none where Slack does not take so much."""
    if len(rows) > ROWS or len(rows[0]) > COLUMNS or sum(len(cell) for row in rows for cell in row) > CELLS:
        return []
    cells = [[_cell(text) for text in row] for row in rows]
    made = _made(TableBlock(rows=cells, column_settings=[{"is_wrapped": True} for _ in rows[0]]))
    return [made] if weighed(made) <= WEIGHT else []


def _cell(text: str) -> Block:
    """Addresses in it are links."""
    linked = len(_linked(text)) > 1 or _LINK.fullmatch(text)
    return rich(section(text)) if linked else _made(RawTextObject(text=text or "–"))


def mrkdwn(text: str) -> Block:
    """A text made safe by `text.mrkdwn`; links of ours may be in it."""
    return _made(SectionBlock(text=MarkdownTextObject(text=text[:3_000] or "–", verbatim=True)))


def context(*texts: str, link: tuple[str, str] = ("", "")) -> list[Block]:
    """Small grey lines, each as it stands, and a link (address, label) after them."""
    elements: list[Any] = [PlainTextObject(text=text[:LINE], emoji=False) for text in texts if text]
    if link[0].startswith(("https://", "http://")):
        elements.append(MarkdownTextObject(text=f"<{_address(link[0])}|{escaped(link[1])}>", verbatim=True))
    return [_made(ContextBlock(elements=elements))] if elements else []


def actions(buttons: Sequence[Button], suffix: str = "", url: str = "") -> list[Block]:
    """A row of buttons, and a menu of those behind one; none where there are none. `suffix` tells like buttons of one
    view apart;
    `url` is where a last one, Open, leads."""
    elements: list[InteractiveElement] = [_button(button, suffix) for button in buttons if not button.menu]
    elements += _menu([button for button in buttons if button.menu], suffix)
    if url.startswith(("https://", "http://")):
        elements.append(LinkButtonElement(text="Open", url=url, action_id=f"link:open{suffix}"))
    return [_made(ActionsBlock(elements=elements[:25]))] if elements else []


def feedback(good: Button, bad: Button) -> Block:
    """Slack's own two buttons below an answer."""
    sides = [FeedbackButtonObject(text=each.label, value=each.press.encode()) for each in (good, bad)]
    element = FeedbackButtonsElement(action_id="press:feedback", positive_button=sides[0], negative_button=sides[1])
    return _made(ContextActionsBlock(elements=[element]))


def _menu(buttons: Sequence[Button], suffix: str) -> list[InteractiveElement]:
    """An overflow, not a select: that keeps what was chosen, and the same cannot be chosen again. What asks first is
    asked in a window: an overflow has one question for all it holds."""
    options = [
        Option(text=PlainTextObject(text=cut(one_line(each.label))), value=each.press.encode()) for each in buttons
    ]
    return [OverflowMenuElement(action_id=f"press:menu{suffix}", options=options[:MENU])] if options else []


def _button(button: Button, suffix: str) -> ButtonElement:
    click = button.press
    number = f":{click.detail}" if click.verb == "choose" else ""
    return ButtonElement(
        text=PlainTextObject(text=cut(one_line(button.label)) or "…"),
        action_id=f"press:{click.verb}{number}{suffix}",
        value=click.encode(),
        style=None if button.style == "plain" else button.style,
        confirm=_confirm(button) if button.confirm else None,
    )


def _confirm(button: Button) -> ConfirmObject:
    return ConfirmObject(
        title=PlainTextObject(text="Are you sure?"),
        text=PlainTextObject(text=cut(one_line(button.confirm), 300)),
        confirm=PlainTextObject(text=cut(button.label, 30)),
        deny=PlainTextObject(text="Cancel"),
        style="danger" if button.style == "danger" or button.press.verb == "stop" else "primary",
    )


def cut(text: str, limit: int = LABEL) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _address(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def _made(block: Any) -> Block:
    made: Block = block.to_dict()
    return made


# --- messages ------------------------------------------------------------------------------------------


def packed(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks as messages within Slack's limits, one table each, in order; at least one message."""
    messages: list[list[Block]] = [[]]
    weight = 0
    for block in blocks:
        heavy = weighed(block)
        second = block.get("type") == "table" and any(one.get("type") == "table" for one in messages[-1])
        if messages[-1] and (second or len(messages[-1]) == BLOCKS or weight + heavy > WEIGHT):
            messages.append([])
            weight = 0
        messages[-1].append(block)
        weight += heavy
    return messages


def weighed(value: Any) -> int:
    """Characters of all strings in a block, which is more than Slack counts."""
    if isinstance(value, str):
        return len(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sum(map(weighed, inner))
