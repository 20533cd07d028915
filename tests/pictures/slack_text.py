"""Slack's three kinds of text as HTML: mrkdwn, Markdown, rich text."""

import re
from collections.abc import Callable
from html import unescape

from markdown_it import MarkdownIt

from tests.pictures.markup import Json, div, emoji, person, span, tag, text, unknown
from tests.pictures.moments import slack_date

MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
TOKEN = re.compile(r"```\n?(?P<block>.*?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>", re.DOTALL)
STYLES = (("*", "b"), ("_", "i"), ("~", "s"))


def plain(given: Json) -> str:
    """A text object, `plain_text` or `mrkdwn`."""
    if given["type"] == "mrkdwn":
        return mrkdwn(given["text"])
    return text(given["text"] if given.get("emoji") is False else emoji(given["text"]))


def markdown(words: str) -> str:
    """A markdown block."""
    return div("markdown", MARKDOWN.render(emoji(words)))


def mrkdwn(words: str) -> str:
    """Slack's own markup: `*bold*`, `<url|label>`, `<@U1>`, `> quoted`."""
    found: list[str] = []

    def kept(match: re.Match[str]) -> str:
        found.append(_token(match))
        return f"\0{len(found) - 1}\0"

    made = _styled(escape_once(TOKEN.sub(kept, words)))
    made = re.sub(r"^&gt; ?(.*)$", lambda line: tag("blockquote", line[1]), made, flags=re.MULTILINE)
    made = made.replace("</blockquote>\n", "</blockquote>").replace("\n", "<br>")
    return re.sub("\0(\\d+)\0", lambda match: found[int(match[1])], emoji(made))


def escape_once(words: str) -> str:
    """mrkdwn comes with `&`, `<` and `>` escaped."""
    return text(unescape(words)).replace("<br>", "\n")


def _styled(words: str) -> str:
    for mark, name in STYLES:
        sign = re.escape(mark)
        words = re.sub(rf"(?<![\w{sign}]){sign}(\S(?:[^{sign}\n]*\S)?){sign}(?!\w)", rf"<{name}>\1</{name}>", words)
    return words


def _token(match: re.Match[str]) -> str:
    if match["block"] is not None:
        return tag("pre", text(unescape(match["block"]).rstrip("\n")))
    if match["code"] is not None:
        return tag("code", escape_once(match["code"]))
    return _angle(unescape(match["angle"]))


def _angle(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return span("mention", text(person(target[1:])))
    if target.startswith("#"):
        return span("mention", text("#" + (label or target[1:])))
    if target.startswith("!date^"):
        _, timestamp, form, *_ = target.split("^")
        return text(slack_date(int(timestamp), form))
    if target.startswith("!"):
        return span("mention", text("@" + target[1:].split("^")[0]))
    return tag("a", text(label or target), href=target)


# --- rich text -------------------------------------------------------------------------------------------


def rich_text(block: Json) -> str:
    return div("rich-text", *(_rich(element) for element in block["elements"]))


def _rich(element: Json) -> str:
    drawn = RICH.get(element["type"])
    return drawn(element) if drawn else unknown(element["type"])


def _inside(element: Json) -> str:
    return "".join(_rich(part) for part in element["elements"])


def _list(element: Json) -> str:
    name = "ol" if element["style"] == "ordered" else "ul"
    items = (tag("li", _inside(item)) for item in element["elements"])
    return tag(name, *items, css=f"indent-{element.get('indent', 0)}", start=str(element.get("offset", 0) + 1))


def _text(element: Json) -> str:
    made = text(element["text"])
    for style, name in (("code", "code"), ("bold", "b"), ("italic", "i"), ("strike", "s"), ("underline", "u")):
        if element.get("style", {}).get(style):
            made = tag(name, made)
    return made


def _link(element: Json) -> str:
    return tag("a", _text({**element, "text": element.get("text") or element["url"]}), href=element["url"])


RICH: dict[str, Callable[[Json], str]] = {
    "rich_text_section": lambda element: div("rich-section", _inside(element)),
    "rich_text_quote": lambda element: tag("blockquote", _inside(element)),
    "rich_text_preformatted": lambda element: tag("pre", _inside(element)),
    "rich_text_list": _list,
    "text": _text,
    "link": _link,
    "emoji": lambda element: emoji(f":{element['name']}:"),
    "user": lambda element: span("mention", text(person(element["user_id"]))),
    "usergroup": lambda element: span("mention", text("@" + element["usergroup_id"])),
    "channel": lambda element: span("mention", text("#" + element["channel_id"])),
    "broadcast": lambda element: span("mention", text("@" + element["range"])),
    "date": lambda element: text(slack_date(element["timestamp"], element["format"])),
    "color": lambda element: tag("code", text(element["value"])),
}
