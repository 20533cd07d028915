"""Words of people and models in Slack's two markups, where they must neither call anybody nor link anywhere unseen.

In `mrkdwn`, and inside a `markdown` block as well, Slack reads `<…>` as a token of its own: a mention, a broadcast, a
link with another label. Escaping the bracket ends that; Slack shows the escape as the character and does not read
the result again. Code is shown as it stands, so there a bracket is only broken where a token would begin."""

import re

from threadwork.adapters.wording.card_words import JOINER, clean, defused, one_line
from threadwork.adapters.wording.link_hosts import unmasked
from threadwork.adapters.wording.link_words import CODE, honest

FALLBACK = 200  # characters of a notification
_TOKEN = re.compile(r"<(?=!(?:channel|here|everyone|subteam\b|date\b)|@\w|#[CGD][A-Z0-9]|\w+:[^<>\n]{0,3000}\|)")
_AUTOLINK = re.compile(r"<(?!https?://[^\s<>|]+>)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)\*\*")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]+?)~~")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\((https?://[^\s()<>|]{1,2000})\)")


def markdown(text: str) -> str:
    """Markdown for a `markdown` block. It may be longer than what came in, so it is cut afterwards."""
    cleaned, made, at = honest(clean(text)), [], 0
    for code in CODE.finditer(cleaned):
        made += [_prose(cleaned[at : code.start()]), _TOKEN.sub("<" + JOINER, code[0])]
        at = code.end()
    return "".join((*made, _prose(cleaned[at:])))


def mrkdwn(text: str) -> str:
    """Markdown for a `mrkdwn` text object, where no `markdown` block may stand: emphasis is translated.

    Links show where they lead: goals and arguments stand in such lines, and a label could say anything."""
    made = _STRUCK.sub(r"~\1~", _BOLD.sub(r"*\1*", escaped(unmasked(clean(text)))))
    return _LINK.sub(r"\1 (\2)", made)


def escaped(text: str) -> str:
    """A text in `mrkdwn` that is no token and calls nobody."""
    return defused(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def literal(text: str) -> str:
    """A text where Slack has no markup, as far as anybody knows: what would be a token elsewhere is none here."""
    return defused(_TOKEN.sub("<" + JOINER, text))


def fallback(text: str) -> str:
    """What a notification says: one line, never empty."""
    line = one_line(text[: FALLBACK * 4])
    return escaped(line if len(line) <= FALLBACK else line[: FALLBACK - 1] + "…") or "…"


def _prose(text: str) -> str:
    return defused(_AUTOLINK.sub("&lt;", text))
