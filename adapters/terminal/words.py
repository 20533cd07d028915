"""Words of people and models, made safe for a terminal."""

from rich.markdown import Markdown
from rich.text import Text

from adapters.card_words import clean

__all__ = ["clean", "one_line", "prose", "words"]


def words(text: str, style: str = "") -> Text:
    """A text as it stands: nothing in it is markup."""
    return Text(clean(text), style=style)


def one_line(text: str, style: str = "") -> Text:
    """A text on one line."""
    return Text(" ".join(clean(text).split()), style=style)


def prose(text: str) -> Markdown:
    """Markdown of a model. Links show where they lead; code is not coloured, which would load a library more."""
    return Markdown(clean(text), hyperlinks=False, code_theme="ansi_dark")
