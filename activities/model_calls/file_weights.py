"""What files weigh in a prompt, and for which of them there is room. All in tokens."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from threadwork.workflows.files import FILES, IMAGES, StoredFile
from threadwork.workflows.models import ModelFacts

IMAGE = 1_600  # what Anthropic counts of the largest image; the others count less
PDF_BYTES = 40  # of a token: a page of 60 kB is 1,500
PLANNED = 8_000  # of one file at most, where it is not known for which model

Body = dict[str, Any]


class Room(NamedTuple):
    """For files, in one request."""

    tokens: int
    weights: Mapping[str, int] = {}  # by ref; 0: a sentence stands in its place

    @property
    def of_one(self) -> int:
        """Tokens one PDF may have; of a longer one the model is shown a part."""
        return self.tokens // 2

    def taken(self, messages: Sequence[Body]) -> dict[str, int]:
        """The files for which there is room, the newest first: their refs, and about how many tokens each takes."""
        found: dict[str, int] = {}
        for file in reversed([file for message in messages for file in named(message)]):
            weight = self.weights.get(file.ref, 0)
            weight = weight if file.media_type in IMAGES else min(weight, self.of_one)
            if file.ref not in found and sum(found.values()) + weight <= self.tokens:
                found[file.ref] = weight
        return found


def room_of(window: int, shortened: int, weights: Mapping[str, int]) -> Room:
    """`shortened`: how often the conversation proved too long."""
    return Room(window // 2 >> shortened, weights)


def weight(file: StoredFile, facts: ModelFacts) -> int:
    """Tokens of one that is shown as it is; 0 for an image that is not seen."""
    return _weight(file) if file.media_type not in IMAGES or facts.vision else 0


def planned(message: Body) -> int:
    """Tokens of the files of a message, whoever sees them."""
    return sum(min(_weight(file), PLANNED) for file in named(message))


def _weight(file: StoredFile) -> int:
    return IMAGE if file.media_type in IMAGES else file.size // PDF_BYTES


def named(message: Body) -> list[StoredFile]:
    return [StoredFile.model_validate(file) for file in message.get(FILES) or ()]


def mentioned(message: Body) -> str:
    """The text of a message with the names of its files, for whoever does not see them."""
    return "\n".join([*filter(None, [message.get("content")]), *(f"[{file.name}]" for file in named(message))])


def without_files(messages: Iterable[Body]) -> tuple[Body, ...]:
    return tuple({key: value for key, value in message.items() if key != FILES} for message in messages)
