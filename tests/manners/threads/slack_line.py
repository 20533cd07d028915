"""Lines as Slack's clients send them: the text in Slack's markup, and beside it the blocks of what was typed.

https://docs.slack.dev/tools/node-slack-sdk/reference/types/type-aliases/RichTextElement"""

import re
from typing import Any

from tests.manners.threads.row import Json, Row

PARTS = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>|<!subteam\^(?P<usergroup>S[A-Z0-9]+)[^>]*>|<!(?P<broadcast>here|channel|everyone)>"
    r"|:(?P<emoji>[a-z0-9_+-]+):(?::skin-tone-(?P<tone>\d):)?|\*(?P<bold>[^*]+)\*|_(?P<italic>[^_]+)_|`(?P<code>[^`]+)`"
)


def row(name: str, report: str, text: str, becomes: str, when: str = "at work", /, **more: Any) -> Row:
    """`more`: fields of the message, or of the row. It is Bob who speaks, unless `user` says else."""
    of_row = {field: more.pop(field) for field in ("reads", "tells") if field in more}
    return Row(name, report, {"user": "U2"} | typed(text) | more, becomes, when, **of_row)


def typed(text: str) -> Json:
    """What a client makes of a line."""
    if not text:
        return {"text": ""}
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return {"text": text, "blocks": [{"type": "rich_text", "block_id": "b1", "elements": [section]}]}


def _elements(text: str) -> list[Json]:
    made, at = [], 0
    for found in PARTS.finditer(text):
        made += [{"type": "text", "text": text[at : found.start()]}] if found.start() > at else []
        made.append(_element(found))
        at = found.end()
    return made + ([{"type": "text", "text": text[at:]}] if at < len(text) else [])


def _element(found: re.Match[str]) -> Json:
    kind, value = next((name, value) for name, value in found.groupdict().items() if value)
    if kind == "emoji":
        return {"type": "emoji", "name": value} | ({"skin_tone": int(found["tone"])} if found["tone"] else {})
    if kind in ("bold", "italic", "code"):
        return {"type": "text", "text": value, "style": {kind: True}}
    return {"type": kind, {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}[kind]: value}
