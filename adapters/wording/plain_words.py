"""A model's Markdown in plain words, where markup would be shown as it is typed."""

import re

# Two stars inside a path or a call mean something else: `src/**/*.py`, `f(**a, **b)`.
_MARKED = re.compile(
    r"(?P<ticks>`+)(?!`)(?P<code>[^\n]+?)(?<!`)(?P=ticks)(?!`)"
    r"|(?<![\w/*])(?P<marks>\*\*|~~)(?=[^\s/*])(?P<stressed>[^\n]+?)(?<=\S)(?P=marks)"
    r"|!?\[(?P<label>[^\[\]\n]{1,500})\]\((?P<address>https?://[^\s()<>]{1,2000})\)"
)
_LINE_MARKS = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|(?:`{3,}|~{3,})[^`\n]*(?:\n|\Z))", re.M)


def plain(text: str) -> str:
    """Without the marks of emphasis, code, headings and fences; links show where they lead. Lists stay as they are."""
    return _unmarked(_LINE_MARKS.sub("", text))


def _unmarked(text: str) -> str:
    return _MARKED.sub(_words, text)


def _words(found: re.Match[str]) -> str:
    if found["address"]:
        return f"{found['label']} ({found['address']})"
    return found["code"] or _unmarked(found["stressed"])
