"""Blocks and texts as a person reads them."""

import html
import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Names = Callable[[str], str]  # what an id is called; the id itself where nobody knows it

REFERENCE = re.compile(r"<([@#!])([^>|]+)(?:\|([^>]*))?>")
LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]+)(?:\|([^>]*))?>")
PING = re.compile(r"<(@[UWS]\w+|!here|!channel|!everyone|!subteam\^\w+)(?:\|[^>]*)?>")
MARKS = {"pending": "☐", "in_progress": "▶", "complete": "☑", "error": "✗"}


class Readable:
    def __init__(self, names: Names) -> None:
        self._names = names

    def message(self, text: str, blocks: list[Json]) -> str:
        """Blocks where there are any, as Slack shows them; else the text."""
        return self.blocks(blocks) if blocks else self.mrkdwn(text)

    def blocks(self, blocks: list[Json]) -> str:
        return "\n".join(line for line in (self.block(block) for block in blocks) if line)

    def block(self, block: Json) -> str:
        return WRITERS.get(block.get("type", ""), Readable._anything)(self, block)

    def mrkdwn(self, text: str) -> str:
        """References by name, links by label, entities as characters."""
        named = REFERENCE.sub(self._reference, text)
        return html.unescape(LINK.sub(lambda link: link[2] or link[1], named))

    def text(self, text: Any) -> str:
        if isinstance(text, str):
            return text
        if not isinstance(text, dict):
            return ""
        written = str(text.get("text") or "")
        return self.mrkdwn(written) if text.get("type") == "mrkdwn" else written

    def _reference(self, found: re.Match[str]) -> str:
        sign, about, label = found.groups()
        if sign == "!":
            kind, _, group = about.partition("^")
            return label or f"@{self._names(group) if kind == 'subteam' else kind}"
        return f"{sign}{label or self._names(about)}"

    def _section(self, block: Json) -> str:
        fields = [self.text(field) for field in block.get("fields") or ()]
        aside = self.element(block["accessory"]) if block.get("accessory") else ""
        return "\n".join(line for line in (self.text(block.get("text")), *fields, aside) if line)

    def _elements(self, block: Json) -> str:
        return " ".join(self.element(element) for element in block.get("elements") or ())

    def element(self, element: Json) -> str:
        """A button as [label], a field as [what it holds]."""
        kind = element.get("type", "")
        if kind in ("mrkdwn", "plain_text"):
            return self.text(element)
        if kind == "feedback_buttons":
            return " ".join(f"[{self.text(element[f'{side}_button']['text'])}]" for side in ("positive", "negative"))
        if kind == "image":
            return f"({element.get('alt_text', 'image')})"
        return f"[{self._shown(element)}]"

    def _shown(self, element: Json) -> str:
        if label := self.text(element.get("text")):
            return label
        chosen = element.get("initial_option") or {}
        held = element.get("initial_value") or self.text(chosen.get("text"))
        options = " / ".join(self.text(option.get("text")) for option in element.get("options") or ())
        return str(held or options or self.text(element.get("placeholder")) or element.get("type", ""))

    def _input(self, block: Json) -> str:
        return f"{self.text(block.get('label'))}: {self.element(block.get('element') or {})}"

    def _markdown(self, block: Json) -> str:
        return str(block.get("text") or "")

    def _rich(self, block: Json) -> str:
        return "\n".join(self._run(element) for element in block.get("elements") or ())

    def _run(self, element: Json) -> str:
        parts = element.get("elements")
        if parts is not None:
            return ("\n• " if element.get("type") == "rich_text_list" else "").join(self._run(part) for part in parts)
        if about := element.get("user_id") or element.get("channel_id") or element.get("usergroup_id"):
            return f"@{self._names(about)}"
        shown = element.get("text") or element.get("url") or element.get("range")
        return str(shown or f":{element.get('name', '')}:")

    def _table(self, block: Json) -> str:
        rows = block.get("rows") or ()
        return "\n".join(" | ".join(self._cell(cell) for cell in row) for row in rows)

    def _cell(self, cell: Json) -> str:
        return self._rich(cell) if cell.get("type") == "rich_text" else str(cell.get("text", ""))

    def _task(self, block: Json) -> str:
        parts = (self._rich(block[name]) for name in ("details", "output") if block.get(name))
        return "\n".join((f"{MARKS.get(block.get('status', ''), '☐')} {self.text(block.get('title'))}", *parts))

    def _plan(self, block: Json) -> str:
        return "\n".join((self.text(block.get("title")), *(self._task(task) for task in block.get("tasks") or ())))

    def _image(self, block: Json) -> str:
        return f"({self.text(block.get('title')) or block.get('alt_text', 'image')})"

    def _anything(self, block: Json) -> str:
        shown = [self.text(block.get(name)) for name in ("title", "subtitle", "text", "body")]
        inner = [self._elements(block), self.blocks(block.get("child_blocks") or [])]
        return "\n".join(line for line in (*shown, *inner) if line)


WRITERS: dict[str, Callable[[Readable, Json], str]] = {
    "section": Readable._section,
    "header": lambda self, block: self.text(block.get("text")),
    "divider": lambda self, block: "---",
    "context": Readable._elements,
    "actions": Readable._elements,
    "context_actions": Readable._elements,
    "input": Readable._input,
    "markdown": Readable._markdown,
    "rich_text": Readable._rich,
    "table": Readable._table,
    "task_card": Readable._task,
    "plan": Readable._plan,
    "image": Readable._image,
}
