"""Discord's Markdown as HTML: it keeps line breaks, knows mentions, times and small print."""

import re
from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from tests.pictures.markup import emoji, person, span, text
from tests.pictures.moments import discord_date

RULES = [
    "emphasis",
    "strikethrough",
    "backticks",
    "fence",
    "list",
    "blockquote",
    "heading",
    "link",
    "autolink",
    "escape",
]
TOKEN = re.compile(
    r"<(?:@[!&]?(?P<user>\w+)|#(?P<channel>\w+)|t:(?P<time>\d+)(?::(?P<style>\w))?|a?(?P<emoji>:\w+:)\d+)>"
)
SPOILER = re.compile(r"\|\|(.+?)\|\|")
SMALL = re.compile(r"(?:(?<=<br>\n)|(?<=<p>))-# (.*?)(?=<br>|</p>)", re.DOTALL)


def markdown(words: str) -> str:
    """A content, an embed's description, a text display."""
    made = PARSER.render(emoji(_apart(words)))
    made = SMALL.sub(lambda match: span("small", match[1]), made)
    return SPOILER.sub(lambda match: span("spoiler", match[1]), made)


def _apart(words: str) -> str:
    """CommonMark would draw the line after a quotation into it; Discord does not."""
    return re.sub(r"^(> .*)\n(?!>)", r"\1\n\n", words, flags=re.MULTILINE)


def _token(state: StateInline, silent: bool) -> bool:
    match = TOKEN.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = _drawn(match)
    state.pos = match.end()
    return True


def _drawn(match: re.Match[str]) -> str:
    if match["time"]:
        return span("time", text(discord_date(int(match["time"]), match["style"] or "f")))
    if match["emoji"]:
        return text(match["emoji"])
    return span("mention", text(person(match["user"]) if match["user"] else "#" + match["channel"]))


def _strong(name: str) -> Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]:
    """`**bold**` and `__underlined__` are one token to CommonMark."""

    def drawn(_: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{name}{'u' if tokens[at].markup == '__' else 'b'}>"

    return drawn


def _parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"html": False, "breaks": True, "xhtmlOut": False}).enable([*RULES, "newline"])
    made.enable(["balance_pairs", "fragments_join"], ignoreInvalid=True)
    made.inline.ruler.before("autolink", "discord", _token)
    made.add_render_rule("strong_open", _strong(""))
    made.add_render_rule("strong_close", _strong("/"))
    return made


PARSER = _parser()
