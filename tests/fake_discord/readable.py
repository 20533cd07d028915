"""Messages and windows as a person reads them."""

import re
from collections.abc import Callable
from typing import Any

from tests.fake_discord.forms import label

Json = dict[str, Any]
Names = Callable[[str], str]  # what an id is called; the id itself where nobody knows it

REFERENCE = re.compile(r"<(@!|@&|@|#)(\d+)>")
STAMP = re.compile(r"<t:(\d+)(?::\w)?>")
LINK = re.compile(r"\[([^\]\n]+)\]\((?:https?://[^)\s]+)\)")
ESCAPED = re.compile(r"\\([\\*_~`|<>@#\[\]()-])")
ROW, BUTTON, FIELD, SECTION, TEXT, LABEL = 1, 2, 4, 9, 10, 18


class Readable:
    def __init__(self, names: Names) -> None:
        self._names = names

    def message(self, content: str, embeds: list[Json], components: list[Json], files: list[str]) -> str:
        lines = [self.markdown(content), *(self.embed(embed) for embed in embeds)]
        lines += [self.component(component) for component in components]
        lines += [f"📎 {name}" for name in files]
        return "\n".join(line for line in lines if line)

    def markdown(self, text: str) -> str:
        """References by name, links by label, times as words; marks stay."""
        named = REFERENCE.sub(lambda found: f"{found[1][0]}{self._names(found[2])}", text)
        timed = STAMP.sub("(time)", named)
        return ESCAPED.sub(r"\1", LINK.sub(r"\1", timed))

    def embed(self, embed: Json) -> str:
        """Set off by a bar, as Discord does."""
        fields = [f"{self.markdown(one['name'])}: {self.markdown(one['value'])}" for one in embed.get("fields") or ()]
        author, footer = (embed.get("author") or {}).get("name"), (embed.get("footer") or {}).get("text")
        texts = (author, self.markdown(embed.get("title") or ""), self.markdown(embed.get("description") or ""))
        lines = [line for part in (*texts, *fields, footer) for line in str(part or "").split("\n") if part]
        return "\n".join(f"│ {line}".rstrip() for line in lines)

    def component(self, component: Json) -> str:
        """A button as [label], a field as label (description): [what it holds]."""
        kind = component.get("type")
        if kind == TEXT:
            return self.markdown(str(component.get("content") or ""))
        if kind == ROW:
            return " ".join(self.component(one) for one in component.get("components") or ())
        if kind == LABEL:
            told = f" ({component['description']})" if component.get("description") else ""
            return f"{component['label']}{told}: {self.component({**component['component'], 'label': ''})}"
        inner = [self.component(one) for one in component.get("components") or ()]
        if isinstance(component.get("accessory"), dict):
            inner.append(self.component(component["accessory"]))
        return "\n".join(line for line in inner if line) if inner else self._face(component)

    def _face(self, component: Json) -> str:
        if component.get("type") == FIELD:
            held = f"[{component.get('value') or component.get('placeholder') or ''}]"
            return f"{component['label']}: {held}" if component.get("label") else held
        shown = label(component)
        if not shown and component.get("options"):
            shown = " / ".join(str(one["label"]) for one in component["options"])
        if component.get("type") == BUTTON and component.get("disabled"):
            return f"[{shown}](off)"
        return f"[{shown}]" if shown else ""
