"""Values that nobody is to read, replaced by a mark wherever they stand in a text, in the forms they usually take."""

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os.path import exists
from urllib.parse import quote, quote_plus, urlsplit

from threadwork.adapters.wording.card_words import INVISIBLE
from threadwork.workflows.hidden import mark

LONG = 8  # characters from which on a value is hidden whatever its name
SHORT = 4  # characters of a value whose name says that it is a secret; what is shorter is part of everything
LINE = 20  # characters of a line of a longer value, such as a private key, that is hidden by itself
SECRET_NAME = re.compile(
    r"(?:key|token|secret|passw(?:or)?d|passphrase|credential|authorization|cookie)s?(?![a-z])"
    r"|(?<![a-z])(?:pat|pwd|auth)s?(?![a-z])",
    re.I,
)
ORDINARY_NAMES = frozenset(
    [
        "HOME",
        "PATH",
        "PWD",
        "OLDPWD",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TERM",
        "TMPDIR",
        "HOSTNAME",
    ]
)
ORDINARY_VALUES = frozenset(("true", "false", "none", "null"))
# Of keys that no variable of ours holds, such as one that a provider repeats from a request.
_KEY = re.compile(r"\b(?:sk|pk|gsk|xai|AIza|hf|key)[-_][\w*.-]{6,}|Bearer\s+[^\s\[]\S*|\bAIza[\w-]{10,}")

# What may stand in the middle of a value and is no part of it: the end of a line of base64 or of a terminal, as it is
# or as JSON writes it, colours, and what nobody sees, which is taken out before people are shown the text.
_GAP = re.compile(
    r"(?:\\?\r?\n[ \t>|]*|\\{1,4}(?:n|r(?=\\{1,4}n))|\x1b\[[0-?]{0,40}[ -/]{0,4}[@-~]|\\u00(?:1b|1B)\[[0-9;]{0,40}m"
    f"|{INVISIBLE})+"
)


class HiddenValues:
    """Named values. Called with a text it returns it with a mark for each of them."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        """`values`: name and value; which are worth hiding is `worth_hiding`'s to say."""
        self._names: dict[str, str] = {}  # by the form in which a value may stand
        self._joined: dict[str, str] = {}  # the same, of long ones, without what is no part of them
        for name, value in values:
            for form in _forms(value):
                self._names.setdefault(form, name)
                if len(joined := _GAP.sub("", form)) >= LONG:
                    self._joined.setdefault(joined, name)

    def __call__(self, text: str) -> str:
        made, at = [], 0
        for start, end, name in self._interrupted(text):
            if start >= at:
                made += [self._marked(text[at:start]), mark(name)]
            at = max(at, end)
        return "".join((*made, self._marked(text[at:])))

    def inside(self, value: object) -> object:
        """The same for every text in a JSON value that is no name."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {name: self.inside(each) for name, each in value.items()}
        return [self.inside(each) for each in value] if isinstance(value, list) else value

    def _marked(self, text: str) -> str:
        found = sorted((form for form in self._names if form in text), key=len, reverse=True)
        if not found:
            return text
        return re.sub("|".join(map(_sought, found)), lambda form: mark(self._names[form[0]]), text)

    def _interrupted(self, text: str) -> list[tuple[int, int, str]]:
        """Where values stand that have gaps in them, the longest of those that begin together first."""
        gaps = [gap.span() for gap in _GAP.finditer(text)]
        if not gaps:
            return []
        joined = Joined(text, gaps)
        found = [(start, end, name) for form, name in self._joined.items() for start, end in joined.places(form)]
        return sorted(found, key=lambda place: (place[0], -place[1]))


class Joined:
    """A text without its gaps, in which is found what they stand in."""

    def __init__(self, text: str, gaps: Sequence[tuple[int, int]]) -> None:
        pieces, self._starts, self._left_out, at, out = [], [0], [0], 0, 0
        for start, end in gaps:
            pieces.append(text[at:start])
            at, out = end, out + end - start
            self._starts.append(end - out)
            self._left_out.append(out)
        self._text = "".join((*pieces, text[at:]))

    def places(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Where in the whole text it begins and ends; only where there is a gap in it."""
        at = self._text.find(wanted)
        while at >= 0:
            last = at + len(wanted) - 1
            if self._gaps_before(at) != self._gaps_before(last):
                yield self._whole(at), self._whole(last) + 1
            at = self._text.find(wanted, last + 1)

    def _gaps_before(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _whole(self, at: int) -> int:
        return at + self._left_out[self._gaps_before(at)]


def worth_hiding(name: str, value: str) -> bool:
    """Whether a value that a tool server is given is one that nobody should read."""
    if value.lower() in ORDINARY_VALUES or _place(value):
        return False
    if SECRET_NAME.search(name):
        return len(value) >= SHORT
    return len(value) >= LONG and name not in ORDINARY_NAMES and not value.replace(".", "").isdigit()


def of_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What in an environment is secret by its name, and the passwords of its addresses. Long ones only: a local
    server's key is often a word such as `ollama`, and nobody chose to hand these to a tool."""
    for name, value in environment.items():
        if len(value) >= LONG and SECRET_NAME.search(name) and worth_hiding(name, value):
            yield name, value
        else:
            yield from of_address(name, value)


def of_address(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The password in an address, alone where it is no common word, and with what stands around it."""
    try:
        parts = urlsplit(value)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return
    if password:
        yield name, value
        yield name, f"{user}:{password}@"
        if len(password) >= LONG and password != user:
            yield name, password


def without_keys(text: str) -> str:
    """A text without what looks like a key, whosever it is."""
    return _KEY.sub(mark("key"), text)


def _place(value: str) -> bool:
    """A file that is there, or a server's bare address: people need them to understand an error."""
    if value.startswith(("/", "./", "../")):
        return exists(value)
    return bool(re.fullmatch(r"https?://[\w.-]+(?::\d+)?/?", value))


def _sought(form: str) -> str:
    """Short values count as whole words only: a region called `west` must not blank out `western`."""
    if len(form) >= LONG:
        return re.escape(form)
    before, after = (r"(?<!\w)" if form[0].isalnum() else ""), (r"(?!\w)" if form[-1].isalnum() else "")
    return f"{before}{re.escape(form)}{after}"


def _forms(value: str) -> set[str]:
    forms = {value, value.strip()}
    if len(value) >= LONG:
        forms |= {*_escaped(value), *_encoded(value)}
        lines = [line.strip() for line in value.splitlines()]
        forms |= {line for line in lines if len(line) >= LINE} if len(lines) > 1 else set()
    return {form for form in forms if form.strip()}


def _escaped(value: str) -> Iterator[str]:
    """As it stands in an address, in JSON, in JSON within JSON, in Python, in HTML."""
    for escaped in (_percent(value, ""), _percent(value, "/"), quote_plus(value, errors="replace")):
        yield escaped
        yield re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), escaped)
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (once, once.replace("/", "\\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    yield repr(value)[1:-1]
    yield from (html.escape(value), html.escape(value, quote=False))


def _percent(value: str, safe: str) -> str:
    return quote(value, safe=safe, errors="replace")


def _encoded(value: str) -> Iterator[str]:
    """In base64 (alone or inside of something longer, such as `user:token`, whose beginning shifts it) and in hex."""
    raw = value.encode(errors="replace")
    yield from (raw.hex(), raw.hex().upper())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(raw).decode()
        yield from (whole, whole.rstrip("="))
        for shift, first in ((0, 0), (1, 2), (2, 3)):
            inner = encode(b"\0" * shift + raw).decode()[first : (shift + len(raw)) * 8 // 6]
            if len(inner) >= LONG:
                yield inner
