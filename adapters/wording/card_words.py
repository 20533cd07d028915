"""Words of cards that every surface shares, and what makes words of people and models safe to show."""

import re
from datetime import timedelta

from threadwork.workflows.cards import ChildLine, FileCard, QuestionCard, StatusCard
from threadwork.workflows.event_types import Unit
from threadwork.workflows.sinks import File
from threadwork.workflows.values import Status, Termination

STATES = {  # sign and words, for people of whom nobody knows who reads
    Status.QUEUED: ("⚪", "Starting"),
    Status.RUNNING: ("🟢", "Working"),
    Status.PAUSED: ("🟡", "Paused"),
    Status.WAITING_APPROVAL: ("🟣", "Waiting for approval"),
    Status.WAITING_ANSWER: ("🟣", "Waiting for an answer"),
    Status.WAITING_BUDGET: ("🟣", "Waiting for more budget"),
    Status.COMPLETED: ("✅", "Done"),
    Status.FAILED: ("🔴", "Failed"),
    Status.CANCELLED: ("⚫", "Stopped"),
}
END_WORDS = {  # words of a run that came to its end without an answer
    Termination.BUDGET_EXCEEDED: "Ended: the budget is used up",
    Termination.MAX_ITERATIONS_REACHED: "Ended: all iterations are used up",
    Termination.TIMEOUT_EXCEEDED: "Ended: the time is used up",
}
PLAN_SIGNS = {"todo": "○", "doing": "▸", "done": "✓"}
NAME = 210  # characters of a file's or a tool's name
FILE_SIGNS = {"image": "🖼", "audio": "🔊", "video": "🎞"}  # by the first part of the media type
DEMO = "demo/"  # how the names of models begin that cost nothing
CHILD = 120  # characters of a line about a delegated task
CELLS = 10  # of a spending bar

# Control characters could move a cursor or change a title; the bidirectional ones let a text read otherwise
# than it will run; the invisible ones, tags among them, hide what it says. In prose emoji keep what they are made of:
# a joiner, one variation selector, and the tags that make a flag of England, Scotland or Wales.
_REGIONS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in f"gb{region}\x7f") for region in ("eng", "sct", "wls")
)
_FLAG = f"\U0001f3f4(?:{_REGIONS})"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CONTROL = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
_CONTROLS = re.compile(f"({_FLAG})|[{_CONTROL}]|(?<=[{_SELECTORS}])[{_SELECTORS}]+")
# What else is seen by nobody, or looks like an ordinary space: joiners, selectors, fillers, all other blanks.
INVISIBLE = (
    f"[{_CONTROL}{_SELECTORS}\u200c\u200d\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e0fff"
    "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)
_INVISIBLE = re.compile(INVISIBLE)
_SEQUENCES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone)\b)", re.I)
JOINER = "\u2060"  # seen by nobody, and no part of any name


# --- safe words ----------------------------------------------------------------------------------------
MAX_PERSON = 40  # characters of a name beside a state


def clean(text: str) -> str:
    """`text` without terminal sequences, control and invisible characters; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text  # most are, and of a long one the search takes milliseconds
    return _CONTROLS.sub(_flag, _SEQUENCES.sub("", text.replace("\r\n", "\n")))


def revealed(text: str) -> str:
    """`text` with each character as its escape that is invisible, or looks like a space and is none: what is approved
    must not hide anything."""
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def _flag(found: re.Match[str]) -> str:
    return found[1] or ""


def who_asks(card: QuestionCard) -> str:
    """Nobody is to take a tool server's question for the agent's."""
    return f"{one_line(card.server[:CHILD])} asks" if card.server else "The agent asks"


def one_line(text: str) -> str:
    """A clean text on one line."""
    return " ".join(clean(text).split())


def defused(text: str) -> str:
    """`text` with an invisible character in `@channel`, `@here` and `@everyone`, so that it calls nobody."""
    return _BROADCAST.sub("@" + JOINER, text)


def excerpt(text: str, limit: int, lines: int = 1_000) -> str:
    """The head of a clean text in at most so many characters and lines, an ellipsis marking the cut."""
    cleaned = clean(text[: limit * 4]).strip()  # what is left out anyway is not worth cleaning
    shown = "\n".join(cleaned[:limit].split("\n")[:lines]).rstrip()
    whole = len(text) <= limit * 4 and len(shown) == len(cleaned)
    return shown if whole else shown[: limit - 1].rstrip() + "…"


# --- numbers -------------------------------------------------------------------------------------------


def amount(value: float, unit: Unit) -> str:
    """`$0.12`, `$0.0042` below a cent, or `12,345 tokens`."""
    if unit == "tokens":
        return f"{value:,.0f} tokens"
    return f"${value:,.2f}" if value >= 0.01 or value == 0 else f"${value:.4f}"


def of_limit(used: float, limit: float, unit: Unit) -> str:
    """`$0.05 of $0.10`, `1,200 of 20,000 tokens`: the same wherever it is told. What is left is never rounded away."""
    if unit == "tokens":
        return f"{used:,.0f} of {amount(limit, unit)}"
    shown, whole = amount(used, unit), amount(limit, unit)
    return f"{f'${used:,.4f}' if shown == whole and used < limit else shown} of {whole}"


def spent(status: StatusCard) -> str:
    """The dollars and their limit; tokens where they are the limit that will be reached first, and half of it is."""
    unit, used, limit = tightest(status)
    if limit and used < limit / 2 and status.usd_limit is not None:
        unit, used, limit = "usd", status.usd, status.usd_limit
    least = "at least " if status.unpriced and unit == "usd" else ""
    play = playing(status.model) if unit == "usd" else ""
    return f"{least}{amount(used, unit) if limit is None else of_limit(used, limit, unit)}{play}"


def step(iteration: int, limit: int) -> str:
    """`step 3 of 50`; empty before the first."""
    return f"step {iteration} of {limit}" if iteration else ""


def children(card: StatusCard) -> list[str]:
    """`↳ scout: step 3, running notes.read`, a line for each delegated task at work."""
    return [_child(line) for line in card.children if not line.status.ended and not card.status.ended]


def _child(line: ChildLine) -> str:
    at = f"step {line.iteration}" if line.iteration else "starting"
    waits = STATES[line.status][1].lower() if line.status not in (Status.QUEUED, Status.RUNNING) else ""
    return one_line(excerpt(f"↳ {line.agent}: {', '.join(filter(None, (at, waits or _small(line.doing))))}", CHILD))


def _small(words: str) -> str:
    """In the middle of a line."""
    return words[:1].lower() + words[1:]


def playing(model: str) -> str:
    """What to add to the dollars of a model that costs nothing, or to its name."""
    return " (play money)" if model.startswith(DEMO) else ""


def tightest(status: StatusCard) -> tuple[Unit, float, float | None]:
    """The limit that will be reached first (unit, used, limit); without any, the dollars spent."""
    usd = status.usd / status.usd_limit if status.usd_limit else 0
    tokens = status.tokens / status.tokens_limit if status.tokens_limit else 0
    if status.tokens_limit is not None and (status.usd_limit is None or tokens > usd):
        return "tokens", status.tokens, status.tokens_limit
    return "usd", status.usd, status.usd_limit


def spending(status: StatusCard, cells: int = CELLS) -> str:
    """`▰▰▰▱▱▱▱▱▱▱ $0.12 of $0.40 · 12,345 tokens`; no bar without a limit, no limit of tokens that is far off."""
    unit, used, limit = tightest(status)
    dollars = amount(status.usd, "usd") if status.usd_limit is None else of_limit(status.usd, status.usd_limit, "usd")
    bound = unit == "tokens" and limit is not None
    tokens = of_limit(used, limit or 0, "tokens") if bound else amount(status.tokens, "tokens")
    least = "at least " if status.unpriced else ""
    shown = f"{least}{dollars}{playing(status.model)} · {tokens}"
    return shown if limit is None else f"{bar(used, limit, cells)} {shown}"


def bar(used: float, limit: float, cells: int = CELLS) -> str:
    """A bar that is full only when the limit is reached."""
    full = cells if used >= limit else min(cells - 1, round(used / limit * cells))
    return "▰" * full + "▱" * (cells - full)


def took(span: timedelta) -> str:
    """`42 s`, `12 min 5 s`, `3 h 10 min` or `2 d 3 h`."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit, part, smaller in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


# --- states --------------------------------------------------------------------------------


def state(status: StatusCard) -> tuple[str, str]:
    """Sign and words of where a task stands, or of how it ended."""
    if status.status is Status.COMPLETED and status.reason in END_WORDS:
        return "🟠", END_WORDS[Termination(status.reason)]
    sign, words = STATES[status.status]
    who = status.paused_by if status.status is Status.PAUSED else None
    return sign, f"{words} by {one_line(who.shown[:MAX_PERSON])}" if who else words


def stored_file(card: FileCard) -> File | None:
    """What a message of the card carries; its content comes when it is sent. None: the file was not kept."""
    file = card.file
    return File(name=file.name, media_type=file.media_type, ref=file.ref) if file.ref else None


def file_line(card: FileCard) -> str:
    """`🖼 page.png · browser.screenshot`, `📄 report.csv · notes.export · 3 kB`; of one that was not kept, why."""
    file, kind = card.file, card.file.media_type.partition("/")[0]
    sign = "🔗" if file.link else FILE_SIGNS.get(kind, "📄")
    size = _size(file.size) if file.size and (kind != "image" or not file.ref) else ""
    why = f"not attached: {file.why}" if file.why else ""
    return " · ".join(one_line(part[:NAME]) for part in (f"{sign} {file.name}", card.tool, size, why) if part)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1e3))} kB"
