"""Which hosts an address leads to, and which a text names, in a form in which the two can be compared."""

import html
import re
import unicodedata
from urllib.parse import unquote

# What ends like a file is no host. Endings that are countries as well (`.md`, `.py`) are one's where the target's own
# last part is the same file.
FILES = re.compile(
    r"[cm]?js|tsx?|jsx|json|ya?ml|toml|txt|html?|css|[ct]sv|pdf|log|xml|png|jpe?g|svg|gif|[ch]pp|java|php|ipynb|lock|cfg"
    r"|ini|conf|exe|bin|gz|tar|sql|docx|xlsx|pptx|env"
)
COUNTRIES = frozenset(("md", "py", "rs", "sh", "pl", "cc", "so"))
_SCHEME = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", re.I)
_AUTHORITY = re.compile(r"(?:(?:https?|ftp|wss?):/*|[a-z][a-z0-9+.-]*://+|//+)([^/?#]*)", re.I)
_USER = re.compile(r"((?:https?|ftp|wss?):/*|(?<![\w:/])//)[^\s/\\?#<>()\[\]|]*@(?=[\w\[%])", re.I)
_WRITTEN = re.compile(r"(https?://)([\w.-]+)", re.I)
_ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_NAMED = re.compile(
    r"(?<![\w.-])((?:[\w-]{1,63}\.)+(?:xn--[\w-]{1,59}|[^\W\d_]{2,63})|\d{1,3}(?:\.\d{1,3}){3}|localhost)\.?(?![\w-])"
    r"|//(?:[^\s/@]*@)?([\w.-]+|\[[0-9a-f:.]+\])",
    re.I,
)
_MARKUP = re.compile(
    r"[\\*_~|`\u00ad\u034f\u180b-\u180f\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]|</?\w+>"
)

# In no host, but hardly to be told from a full stop (the confusables of Unicode's UTS #39), or from nothing at all.
_STOPS = str.maketrans(dict.fromkeys("。\u0660\u06f0\u0701\u0702\ua4f8\ua60e\U00010a50\U0001d16d", "."))
_THIN = re.compile("[\u2006\u2008-\u200a\u202f\u205f]")


def explicit(address: str) -> bool:
    """Whether it is an address for sure, not the argument of a call in some code."""
    return bool(_SCHEME.match(address))


def hosts_in(address: str) -> set[str]:
    """Where it leads, as one or the other renderer reads it (a backslash is an escape, or a slash); a relative
    address and other schemes than those of the web lead to the empty host."""
    plain = html.unescape(address)
    return {_host(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain)), _host(plain.replace("\\", "/"))}


def hosts_named(label: str, address: str) -> set[str]:
    """What a reader would take for the link's host. Those in other letters than ASCII look like any other."""
    plain = _THIN.sub("", html.unescape(html.unescape(label)).translate(_STOPS))
    text = _MARKUP.sub("", unicodedata.normalize("NFKC", plain).translate(_STOPS))
    named = {found[1] or found[2] for found in _NAMED.finditer(text)}
    return {_bare(host) for host in named if not _is_file(host, address)}


def shown(address: str) -> str:
    """An address as people may read it: its real host, in the letters that the network knows."""
    plain = without_user(re.sub(r"\s", "", html.unescape(address)))
    found = _AUTHORITY.match(plain)
    if found and not found[1].isascii():
        plain = plain[: found.start(1)] + _ascii(found[1]) + plain[found.end(1) :]
    return re.sub(r"[()<>\[\]|]", lambda sign: f"%{ord(sign[0]):02X}", plain)


def without_user(text: str) -> str:
    """Every address in a text without its user and password."""
    return _USER.sub(r"\1", text)


def unmasked(text: str) -> str:
    """Addresses in a text that look as if they led elsewhere, as they are: `https://bank.example@evil.example` leads to
    the second, and a host in letters that look like ours is written as the network knows it."""
    return _WRITTEN.sub(
        lambda found: found[1] + (_ascii(found[2]) if _alike(found[2]) else found[2]), without_user(text)
    )


def _alike(host: str) -> bool:
    """Letters of scripts that have the shapes of ours, below a domain in ours."""
    last = host.rstrip(".").rpartition(".")[2]
    return last.isascii() and any(unicodedata.name(sign, "").startswith(_ALIKE) for sign in host if not sign.isascii())


def _host(address: str) -> str:
    plain = re.sub(r"[\x00-\x20]", "", address)
    if plain[:7].lower() == "mailto:":
        return _ascii(_bare(plain.rpartition("@")[2].partition("?")[0]))
    if found := _AUTHORITY.match(plain):
        host = found[1]
    elif _SCHEME.match(plain):
        return ""
    else:
        host = re.split("[/?#]", plain)[0]
        host = host if "." in host.strip(".") else ""
    host = re.sub(r":\d*$", "", unquote(host).rpartition("@")[2])
    return _ascii(_bare(unicodedata.normalize("NFKC", host).replace("。", ".")))


def _bare(host: str) -> str:
    return host.lower().strip(".").removeprefix("www.")


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    return ".".join(part if part.isascii() else f"xn--{part.encode('punycode').decode()}" for part in host.split("."))


def _is_file(host: str, address: str) -> bool:
    ending = host.lower().rpartition(".")[2]
    if ending in COUNTRIES:
        path = re.split("[?#]", address)[0]
        return "/" in path.partition("//")[2] and path.rpartition("/")[2].lower() == host.lower()
    return bool(FILES.fullmatch(ending))
