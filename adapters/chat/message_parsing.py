"""What people wrote, in plain words, with the ids of whatever is named in it; and whom it is said to."""

import re

from threadwork.workflows.inbound import ThreadMessage
from threadwork.workflows.values import Value


class ParsedMessage(Value):
    """A person's message without a platform's markup."""

    text: str
    unnamed: str = ""  # the text without the bot's mention at its end; empty: it ends in none
    channels: tuple[tuple[str, str], ...] = ()  # name and id of those named in it
    people: tuple[tuple[str, str], ...] = ()


class Named:
    """Ids by name, as they are found."""

    def __init__(self) -> None:
        self._channels: dict[str, str] = {}
        self._people: dict[str, str] = {}

    def channel(self, name: str, id_: str) -> None:
        self._channels[name] = id_

    def person(self, name: str, id_: str) -> str:
        """The name under which the person is entered; of two with the same name one goes by the id."""
        if self._people.setdefault(name, id_) == id_:
            return name
        self._people[id_] = id_
        return id_

    def in_words(self, text: str, unnamed: str = "") -> ParsedMessage:
        return ParsedMessage(
            text=text, unnamed=unnamed, channels=tuple(self._channels.items()), people=tuple(self._people.items())
        )


def without_ending(text: str, mention: str) -> str:
    """The text without mentions at its end, and the marks behind them. `mention`: a pattern for one. Empty: there is
    none at its end."""
    kept = re.sub(rf"(?:[\s,]*(?:{mention}))+[\s.!?]*$", "", text)
    return "" if kept == text else kept


# --- what it is about ----------------------------------------------------------------------------------


def quotation(message: ThreadMessage) -> str:
    """Who said it and when, and what, behind bars; files by their links."""
    links = (f"{file.name}: {file.link}" for file in message.files)
    return "\n".join(f"> {line}" for line in (f"{message.head}:", *message.text.splitlines(), *links))


# --- whom it is said to --------------------------------------------------------------------------------

CODE = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands where code stood: what comes after it is not the beginning
_GREETING = r"(?:(?:hey|hi|hello|dear|thanks|thank\s+you)\b[\s,]*)?"
_PLAIN = r"@(?P<plain>[^\W\d][\w.-]{0,79})(?![\w(])"  # typed without picking anybody from the list
_QUOTED_REST = re.compile(r"(?m)^[ \t]*(?:>>>|(?:&gt;){3})")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*(?:>|&gt;).*$")


def spoken(text: str) -> str:
    """Without code and quotations: what the writer says in their own words."""
    return _QUOTED_LINE.sub("", _QUOTED_REST.split(_without_code(text), maxsplit=1)[0])


def addressing(tokens: str) -> re.Pattern[str]:
    """Finds whom a line addresses at its beginning; a plain name is the group `plain`.

    `tokens`: a pattern for how the platform writes a mention. "@ann's numbers" speaks of Ann, not to her."""
    return re.compile(rf"[\s*_~(\"“]*{_GREETING}(?:{tokens}|{_PLAIN})(?!['’]s\b)", re.I)


def _without_code(text: str) -> str:
    """A run of backticks opens code if a run of the same length follows somewhere."""
    pieces = re.split("(`+)", text)
    last = {run: at for at, run in enumerate(pieces) if at % 2}
    kept, fence = [], ""
    for at, piece in enumerate(pieces):
        if fence:
            fence = "" if at % 2 and piece == fence else fence
        elif at % 2 and last[piece] > at:
            fence = piece
            kept.append(CODE)
        else:
            kept.append(piece)
    return "".join(kept)
