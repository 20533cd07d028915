"""What people wrote, in plain words, with the ids of whatever is named in it."""

from threadwork.workflows.values import Value


class ParsedMessage(Value):
    """A person's message without a platform's markup."""

    text: str
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

    def in_words(self, text: str) -> ParsedMessage:
        return ParsedMessage(text=text, channels=tuple(self._channels.items()), people=tuple(self._people.items()))
