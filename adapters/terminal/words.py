"""Words of people and models, made safe for a terminal."""

import re

from rich.markdown import Markdown
from rich.text import Text

# Control characters could move the cursor or change the title; the bidirectional ones let a text read
# otherwise than it will run; the invisible ones hide what it says.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SEQUENCES = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")


def clean(text: str) -> str:
    """`text` without terminal sequences and control characters; line ends and tabs stay."""
    return _CONTROLS.sub("", _SEQUENCES.sub("", text.replace("\r\n", "\n")))


def words(text: str, style: str = "") -> Text:
    """A text as it stands: nothing in it is markup."""
    return Text(clean(text), style=style)


def one_line(text: str, style: str = "") -> Text:
    """A text on one line."""
    return Text(" ".join(clean(text).split()), style=style)


def prose(text: str) -> Markdown:
    """Markdown of a model. Links show where they lead; code is not coloured, which would load a library more."""
    return Markdown(clean(text), hyperlinks=False, code_theme="ansi_dark")
