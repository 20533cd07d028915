"""Messages of people: what is said to the agent in them, and what comes along. Pure."""

import re
from collections.abc import Sequence

from threadwork.workflows.files import MAX_FILES, PDF, GivenFile
from threadwork.workflows.inbound import Attachment, ThreadMessage
from threadwork.workflows.texts import clean

CONTEXT = 20_000  # bytes of others' messages that a goal or a follow-up takes along, the newest of them
CONTEXT_FILES = 100_000  # bytes of text in their files, the newest of them; the others are named
ABOUT, EARLIER = "What this is about:", "Earlier in this thread:"
SEE_BELOW = "Deal with the message below."  # the goal where nothing was typed beside what it is about
_FILE = "\n\nAttached file "  # how what was not typed begins
_ADDED = re.compile(rf"\n\n(?:Attached file |{ABOUT}\n|{EARLIER}\n)")
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


def kept(files: Sequence[Attachment], lines: Sequence[ThreadMessage] = ()) -> list[GivenFile]:
    """Those that a model may look at; of others' messages the newest."""
    theirs = (file for line in reversed(lines) for file in line.files)
    return [file.file for file in (*files, *theirs) if file.file is not None][:MAX_FILES]


def with_edit(stored: str, text: str) -> str:
    """A stored message after its text was edited: what came along with it stays. Empty: nothing is left of it, as what
    was said before in the thread is no message of its own."""
    typed, padded = unaddressed(text), f"\n\n{stored}"
    found = _ADDED.search(padded)
    if found is None or (not typed and EARLIER in found[0]):
        return typed
    return ((typed or (SEE_BELOW if ABOUT in found[0] else "")) + padded[found.start() :]).strip()


def typed_part(goal: str) -> str:
    """A goal without what came along with it, where something was typed."""
    return _ADDED.split(goal, maxsplit=1)[0].strip() or goal


def with_context(text: str, earlier: Sequence[ThreadMessage], about: Sequence[ThreadMessage] = ()) -> str:
    """A goal or a follow-up, then what it is about and what was said before, as data behind a fence: what is wanted
    comes first, as it heads the thread."""
    told, room = [text], CONTEXT
    for title, lines in ((ABOUT, about), (EARLIER, [line for line in earlier if line not in about])):
        entries = _newest(lines, room)
        room -= sum(len(entry.encode()) for entry in entries)
        told += [f"{title}\n{_fenced(chr(10).join(entries))}"] if entries else []
    return "\n\n".join(filter(None, told)) + _files((*earlier, *(line for line in about if line not in earlier)))


def _files(lines: Sequence[ThreadMessage]) -> str:
    """What is in them, the newest first, as far as there is room."""
    room, told = CONTEXT_FILES, ""
    for file in (file for line in reversed(lines) for file in line.files):
        fits = len((file.text or "").encode()) <= room
        room -= len((file.text or "").encode()) if fits else 0
        told += _attached(file if fits else file.model_copy(update={"text": None}))
    return told


def _attached(file: Attachment) -> str:
    name = clean(file.name).replace("\n", " ").strip() or "without a name"
    if file.file is not None:
        return f"{_FILE}{name} ({_kind(file.file)})"
    if file.text is None:
        return f"{_FILE}{name}" + (f": {file.link}" if file.link else " (it cannot be read here)")
    return f"{_FILE}{name}:\n{_fenced(clean(file.text))}"


def _fenced(content: str) -> str:
    """Behind a fence that is longer than any in it."""
    fence = "`" * max(3, 1 + max((len(ticks) for ticks in re.findall("`+", content)), default=0))
    return f"{fence}\n{content.rstrip()}\n{fence}"


def _kind(file: GivenFile) -> str:
    kind = "PDF" if file.media_type == PDF else "image"
    return f"{kind}, {max(1, len(file.content) // 1_000):,} kB"


def _newest(lines: Sequence[ThreadMessage], room: int) -> list[str]:
    """As many of the last lines as fit into so many bytes, oldest first; one that alone is too long is cut."""
    kept: list[str] = []
    for line in reversed(lines):
        entry = _entry(line)
        size = len(entry.encode())
        if size > room:
            kept += [] if kept else [entry.encode()[:room].decode(errors="ignore") + " …"]
            break
        kept.append(entry)
        room -= size
    return kept[::-1]


def _entry(line: ThreadMessage) -> str:
    """What is said is set in, below who says it: nobody can write an entry in another's name."""
    said = clean(line.text).strip().splitlines() or [f"({', '.join(clean(file.name) for file in line.files)})"]
    return f"{' '.join(clean(line.head).split())}: " + "\n  ".join(said)
