"""Messages of people: what is said to the agent in them, and what comes along. Pure."""

import re
from collections.abc import Sequence

from threadwork.workflows.files import MAX_FILES, PDF, GivenFile
from threadwork.workflows.inbound import Attachment, ThreadMessage
from threadwork.workflows.texts import clean

CONTEXT = 20_000  # bytes of earlier messages that a goal takes along, the newest of them
EARLIER = "Earlier in this thread:"
_FILE = "\n\nAttached file "  # how what was not typed begins
_MENTION = r"<@[!&]?\w+(?:\|[^<>]*)?>"
_AROUND = re.compile(rf"^{_MENTION}[\s,:]*|{_MENTION}$")  # of a stripped text: blanks before it would cost a square
_NAMED = re.compile(r"^\s*@[\w.-]+[\s,:]+")


def unaddressed(text: str) -> str:
    """Without a mention at its beginning or end, where it only says who is meant."""
    return _AROUND.sub("", text.strip()).strip()


def bare(text: str) -> str:
    """What is left to compare with a command word: no mention in any spelling, no full stop."""
    return _NAMED.sub("", unaddressed(text)).strip().rstrip(".!?").lower()


def with_files(text: str, files: Sequence[Attachment]) -> str:
    """The text, then every file: its content as a fenced block, else a link."""
    return (text.strip() + "".join(_attached(file) for file in files)).strip()


def kept(files: Sequence[Attachment]) -> list[GivenFile]:
    """Those that a model may look at."""
    return [file.file for file in files if file.file is not None][:MAX_FILES]


def with_edit(stored: str, text: str) -> str:
    """A stored message after its text was edited: its files stay."""
    padded = f"\n\n{stored}" if stored.startswith(_FILE.strip()) else stored
    _, mark, files = padded.partition(_FILE)
    return (unaddressed(text) + mark + files).strip() if mark else unaddressed(text)


def typed_part(goal: str) -> str:
    """A goal without the content of its files, where something was typed."""
    return goal.partition(_FILE)[0].strip() or goal


def with_context(goal: str, lines: Sequence[ThreadMessage]) -> str:
    """The goal, then what was said before, quoted: what is wanted comes first, as it heads the thread."""
    kept = _newest(lines)
    return f"{goal}\n\n{EARLIER}\n" + "\n".join(kept) if kept else goal


def _attached(file: Attachment) -> str:
    name = clean(file.name).replace("\n", " ").strip() or "without a name"
    if file.file is not None:
        return f"{_FILE}{name} ({_kind(file.file)})"
    if file.text is None:
        return f"{_FILE}{name}" + (f": {file.link}" if file.link else " (it cannot be read here)")
    content = clean(file.text)
    fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", content)), default=0))
    return f"{_FILE}{name}:\n{fence}\n{content.rstrip()}\n{fence}"


def _kind(file: GivenFile) -> str:
    kind = "PDF" if file.media_type == PDF else "image"
    return f"{kind}, {max(1, len(file.content) // 1_000):,} kB"


def _newest(lines: Sequence[ThreadMessage]) -> list[str]:
    """As many of the last lines as fit, oldest first; one that alone is too long is cut."""
    kept: list[str] = []
    room = CONTEXT
    for line in reversed(lines):
        quoted = _quoted(line)
        size = len(quoted.encode())
        if size > room:
            kept += [] if kept else [quoted.encode()[:room].decode(errors="ignore") + " …"]
            break
        kept.append(quoted)
        room -= size
    return kept[::-1]


def _quoted(line: ThreadMessage) -> str:
    said = "\n> ".join(clean(line.text).strip().splitlines())
    return f"> {clean(line.name)}: {said}"
