"""What people can do where a model is not there: by its provider, and by where it is said to be."""

import os
from urllib.parse import urlsplit

from threadwork.adapters.models.targets import Target

DEFAULT = {  # where a local server listens unless somebody says otherwise
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "lm_studio": "http://localhost:1234/v1",
    "llamafile": "http://127.0.0.1:8080/v1",
}
START = {
    "ollama": "Is Ollama running? Start it with `ollama serve`.",
    "ollama_chat": "Is Ollama running? Start it with `ollama serve`.",
    "lm_studio": "Is LM Studio's server running? Start it with `lms server start`.",
    "llamafile": "Is the llamafile running? Start it with its option `--server`.",
    "hosted_vllm": "Is vLLM running? Start it with `vllm serve`.",
}
GET = {
    "ollama": "Fetch it with `ollama pull {model}`",
    "ollama_chat": "Fetch it with `ollama pull {model}`",
    "lm_studio": "Load it with `lms load {model}`",
}


def address(target: Target, provider: str) -> str:
    """Where the model is asked for, without credentials and path; empty: where the provider is known to be."""
    told = target.spec.base_url or os.environ.get(_variable(provider)) or DEFAULT.get(provider, "")
    try:
        parts = urlsplit(told)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def start_it(target: Target, provider: str) -> str:
    """What to do about a server that does not answer."""
    return " ".join(part for part in (START.get(provider, ""), _where(target, provider)) if part)


def get_it(target: Target, provider: str) -> str:
    """What to do about a model that the server does not have."""
    name = target.model.removeprefix(f"{provider}/")
    other = f"change models.{target.name}.model" if target.listed else "set THREADWORK_MODEL"
    fetch = GET.get(provider, "").format(model=name)
    return f"{fetch}, or {other}." if fetch else f"{other[0].upper()}{other[1:]}."


def _where(target: Target, provider: str) -> str:
    if target.spec.base_url:
        return f"Check models.{target.name}.base_url."
    variable = _variable(provider)
    return f"Check {variable}." if os.environ.get(variable) else ""


def _variable(provider: str) -> str:
    return "OLLAMA_API_BASE" if provider == "ollama_chat" else f"{provider.upper()}_API_BASE"
