"""Links in Markdown that say they lead elsewhere than they do: each becomes its text and its target, side by side.

What is a link differs between renderers (escapes, code, nesting), so everything that any of them could take for one
is looked at, code included; only what misleads is changed."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from threadwork.adapters.wording.link_hosts import explicit, hosts_in, hosts_named, shown, unmasked, without_user

CODE = re.compile(
    r"(?P<fence>^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?P<marks>`{3,}+|~{3,}+)[^\n]*\n.*?(?:^[ \t>]*(?P=marks)|\Z))"
    r"|(?P<inline>(?<!`)(?P<ticks>`++)[^\n]+?(?<!`)(?P=ticks)(?!`))",
    re.M | re.S,
)
MAX_LABEL = 2_000  # characters of a label that are looked at
_BRACKET = re.compile(r"[\[\]]")
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r"(?:\\.|[^\s\\()]|\((?:\\.|[^\s\\()])*\))*")
_END = re.compile(r"""\s*(?P<title>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\))?\s*\)""")
_DEFINITION = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?"
    r"(?P<all>\[(?P<name>(?:\\.|[^\[\]\\]){1,999})\]:\s*<?(?P<target>[^\s<>]+)(?P<title>[^\n]*))",
    re.M,
)
_USE = re.compile(r"\[(?P<label>[^\[\]]{0,999})\]\s?\[(?P<name>[^\[\]]{0,999})\]")


class _Target(NamedTuple):
    address: str
    title: str
    end: int  # where the link ends


def honest(text: str) -> str:
    """Markdown in which each link whose text or title names another host than its target shows the target."""
    code = [found.span() for found in CODE.finditer(text)]
    edits = [*_inline(text, code), *_definitions(text, code)]
    made, at = [], 0
    for start, end, instead in sorted(edits):
        if start >= at:
            made += [text[at:start], instead]
            at = end
    return _unmasked("".join((*made, text[at:])))


def _inline(text: str, code: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Places and what is to stand there. Of nested brackets a renderer may take the inner pair or the outer one."""
    opened: list[int] = []
    last = -1
    for found in _BRACKET.finditer(text):
        at = found.start()
        if found[0] == "[":
            opened.append(at)
            last = at
            continue
        outer = opened.pop() if opened else -1
        if last < 0 or not text.startswith("(", at + 1) or (target := _target(text, at + 1)) is None:
            continue
        if _in(code, at) and not explicit(target.address):
            continue
        starts = {max(start, at - MAX_LABEL) for start in (outer, last) if start >= 0}
        labels = [*(text[start + 1 : at] for start in starts), target.title]
        if _misleads(labels, target.address):
            yield from _broken(text, last if outer == last else -1, at, target)


def _broken(text: str, start: int, at: int, target: _Target) -> Iterator[tuple[int, int, str]]:
    """`label (address)`; where it is not clear which bracket began it, they stay: apart they are no link."""
    if start >= 0:
        picture = start > 0 and text[start - 1] == "!"
        yield start - picture, start + 1, ""
    yield at, target.end, f"{'' if start >= 0 else ']'} ({shown(target.address)})"


def _target(text: str, at: int) -> _Target | None:
    """What stands in the parentheses that open at `at`."""
    start = _space_after(text, at + 1)
    if text.startswith("<", start):
        end = text.find(">", start)
        address, rest = text[start + 1 : end], end + 1
    else:
        found = _BARE.match(text, start)
        address, rest = (found[0], found.end()) if found else ("", start)
        end = rest
    if end < 0 or not address or "\n\n" in address:
        return None
    if closed := _END.match(text, rest):
        return _Target(address, closed["title"] or "", closed.end())
    close = text.find(")", rest)
    return None if close < 0 else _Target(address, text[rest:close], close + 1)


def _space_after(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _misleads(labels: list[str], address: str) -> bool:
    if explicit(address) and without_user(address) != address:
        return True
    leads = hosts_in(address)
    return any(leads != {named} for label in labels for named in hosts_named(label, address))


def _definitions(text: str, code: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """`[1]: address` of links that mislead: escaped, so that it is read as it stands and no link comes of it."""
    uses: dict[str, list[str]] = {}
    for use in _USE.finditer(text):
        uses.setdefault(_folded(use["name"] or use["label"]), []).append(use["label"])
    for found in _DEFINITION.finditer(text):
        if _in(code, found.start("all")) and not explicit(found["target"]):
            continue
        labels = [found["name"], found["title"], *uses.get(_folded(found["name"]), ())]
        if _misleads(labels, found["target"]):
            address = shown(found["target"])
            yield *found.span("all"), rf"\[{found['name']}\]: {address}{found['title']}"


def _in(code: list[tuple[int, int]], at: int) -> bool:
    """`code`: where code begins and ends, in order."""
    before = bisect_right(code, at, key=lambda span: span[0]) - 1
    return before >= 0 and at < code[before][1]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unmasked(text: str) -> str:
    """Addresses in prose as they are; code stays as it stands."""
    made, at = [], 0
    for code in CODE.finditer(text):
        made += [unmasked(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join((*made, unmasked(text[at:])))
