"""Names of models: what one looks like, and who may ask for which.

LiteLLM takes a name such as `oobabooga/http://host` for the address to send the conversation to, and puts names into
the paths of addresses. So a name has the letters that names of models have, and no others."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal, Value, preview

MAX_MODEL_NAME = 200  # characters
ADDRESS = "is an address; write a model name (its address belongs in threadwork.yaml: models, base_url)"
NO_NAME = "is not a model name: use letters, digits, . _ : @ + - and single slashes, like openai/gpt-5-mini"

_LETTERS = r"[A-Za-z0-9@._:+-]"
_NAME = re.compile(rf"{_LETTERS}+(/{_LETTERS}+)*")
_PATTERN = re.compile(_NAME.pattern.replace("@._", "@*._"))
_AT_HOME = frozenset({"local", "api"})  # platforms of whoever runs this place


def misnamed(name: str) -> str:
    """Why no model can be called so, to be read after the name; empty: one can."""
    return _wrong(name, _NAME)


def mispatterned(pattern: str) -> str:
    """The same of a name in which `*` stands for anything."""
    return _wrong(pattern, _PATTERN)


def _wrong(name: str, shape: re.Pattern[str]) -> str:
    if "//" in name or ":/" in name:
        return ADDRESS
    up = any(part in (".", "..") for part in name.split("/"))  # of a path: they would lead out of it
    return NO_NAME if up or len(name) > MAX_MODEL_NAME or not shape.fullmatch(name) else ""


class ModelList(Value):
    """The models that people may ask for by name."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # names in which `*` stands for anything

    @property
    def offered(self) -> tuple[str, ...]:
        """All that can be told by name."""
        return tuple(dict.fromkeys((*self.names, *(one for one in self.patterns if "*" not in one))))

    def check(self, model: str, by: Principal) -> None:
        """Whoever is local may name any model. Raises `Rejected`, naming those that there are."""
        if wrong := misnamed(model):
            raise Rejected(f'"{preview(model, 60)}" {wrong}.')
        if by.platform not in _AT_HOME and not self._holds(model):
            raise Rejected(f"You may not use the model {preview(model, 60)}.", self._told())

    def _holds(self, model: str) -> bool:
        return model in self.names or any(fnmatchcase(model, pattern) for pattern in self.patterns)

    def _told(self) -> str:
        return f"You may use: {_listed((*self.offered, *(one for one in self.patterns if '*' in one)))}."


def _listed(names: Sequence[str], shown: int = 20) -> str:
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest
