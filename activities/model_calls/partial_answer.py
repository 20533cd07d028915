"""What has come of an answer so far: its text, and what was thought before it."""

from threadwork.activities.model_calls.live_text import LiveText
from threadwork.workflows.errors import Undigestible
from threadwork.workflows.models import ANSWER, Delta
from threadwork.workflows.texts import clean


class Said:
    """Gathers an answer of a model piece by piece, and writes it to the live text."""

    def __init__(self, model: str, live: LiveText) -> None:
        self.text = ""
        self.thought = ""
        self._model, self._live = model, live

    def hear(self, delta: Delta) -> None:
        """Raises `Undigestible` for more than an answer may hold."""
        if delta.taken_back:
            self.thought, self.text = self.thought + self.text, ""
        self.thought += delta.thinking
        self.text += delta.text
        self._live.write(clean(delta.thinking), thinking=True)
        self._live.write(clean(delta.text))
        if len(self.text) + len(self.thought) > ANSWER:
            raise Undigestible(f"{self._model} gave an answer that is too large.")

    @property
    def all(self) -> str:
        """Everything that is paid for as output, calls left out."""
        return self.thought + self.text
