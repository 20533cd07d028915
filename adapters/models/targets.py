"""What a model's name stands for: an entry under `models:` with its variables filled in, or LiteLLM's own name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from threadwork.adapters.hidden_values import of_address
from threadwork.adapters.models.litellm_library import library
from threadwork.workflows.errors import ModelError
from threadwork.workflows.model_names import misnamed
from threadwork.workflows.models import ModelSpec

VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
SHORTEST = 5  # characters of a key that is kept out of texts; shorter ones are no secrets, but parts of words


@dataclass(frozen=True)
class Target:
    """A model as LiteLLM is asked for it."""

    name: str  # as people call it
    spec: ModelSpec  # with every variable filled in
    secrets: tuple[str, ...] = ()  # what no text may show
    listed: bool = False  # an entry of the file, not a name of LiteLLM's

    @property
    def model(self) -> str:
        return self.spec.model

    @cached_property
    def provider(self) -> str:
        """As LiteLLM calls it; empty where it knows none."""
        try:
            return str(library().get_llm_provider(self.model)[1])
        except library().exceptions.BadRequestError:
            return ""

    @cached_property
    def is_claude(self) -> bool:
        """Whoever serves it."""
        return self.provider == "anthropic" or "claude" in self.model.lower()


def target(name: str, specs: Mapping[str, ModelSpec], environment: Mapping[str, str]) -> Target:
    """Raises `ModelError` for what is no model's name, and for a variable that is not set, naming it."""
    if wrong := misnamed(name):
        raise ModelError(f'"{name}" {wrong}.')
    if name not in specs:
        return Target(name, ModelSpec(model=name))
    spec, secrets = _filled(name, specs[name], environment)
    if spec.api_key is not None:
        if not spec.api_key.isascii() or not spec.api_key.isprintable() or " " in spec.api_key:
            raise ModelError(
                f"The api_key of {name} cannot be sent.", "Use only printable ASCII characters, and no spaces."
            )
        secrets.append(spec.api_key)
    secrets += list((spec.params.get("extra_headers") or {}).values())
    secrets += [text for _, text in of_address("base_url", spec.base_url or "")]
    return Target(name, spec, tuple(secret for secret in secrets if len(secret) >= SHORTEST), listed=True)


def _filled(name: str, spec: ModelSpec, environment: Mapping[str, str]) -> tuple[ModelSpec, list[str]]:
    missing: dict[str, None] = {}
    found: list[str] = []

    def value(match: re.Match[str]) -> str:
        text = environment.get(match[1]) or match[2]
        if text is None:
            missing[match[1]] = None
        found.append((text or "").strip())  # files in which keys are kept end in a line break
        return found[-1]

    texts: dict[str, Any] = {
        key: VARIABLE.sub(value, text) for key in ("base_url", "api_key") if (text := getattr(spec, key))
    }
    if headers := spec.params.get("extra_headers"):
        sent = {key: VARIABLE.sub(value, text) for key, text in headers.items()}
        texts["params"] = {**spec.params, "extra_headers": sent}
    if missing:
        are, them = ("are", "them") if len(missing) > 1 else ("is", "it")
        raise ModelError(
            f"{' and '.join(missing)} {are} not set.",
            f"Set {them} where the worker runs: models.{name} in threadwork.yaml needs {them}.",
        )
    return spec.model_copy(update=texts), found
