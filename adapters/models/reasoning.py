"""How long a model is to think, as LiteLLM and the provider take it. A model that cannot think is asked nothing."""

import re
from typing import Any

from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.outgoing import interrupted
from threadwork.adapters.models.targets import Target
from threadwork.workflows.models import ModelRequest, Reasoning

# Tokens of thought that LiteLLM asks of models that want a number, as it is by itself.
LEVELS: dict[Reasoning, int] = {"high": 4_096, "medium": 2_048, "low": 1_024}
PARAMS: dict[str, Reasoning] = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}
SAMPLING = ("temperature", "top_p", "top_k")  # Claude takes none of them while it thinks
SWITCH = frozenset({"deepseek", "zai", "moonshot"})  # `thinking: {type: enabled | disabled}`
Arguments = dict[str, Any]


def thinks(request: ModelRequest, meant: Target) -> bool:
    """Whether thoughts may go back in this request: not where thinking is off, or is off until the turn has ended."""
    if meant.is_claude and meant.provider != "openrouter":
        return bool(arguments(request, meant))
    return _level(request, meant) != "off"


def arguments(request: ModelRequest, meant: Target) -> Arguments:
    """What is asked of LiteLLM. Empty: the model does as it does by itself."""
    level = _level(request, meant)
    if level is None:
        return {}
    if level == "off":
        return _off(meant)
    if not _can(meant):
        return {}
    if meant.provider in SWITCH:
        return _switched(meant, "enabled")
    fitting = _fitting(level, request.max_output) if meant.is_claude else level
    return _effort(fitting, meant) if fitting else {}


def allowed(params: Arguments, asked: Arguments, meant: Target) -> Arguments:
    """What the file says of every call, as far as it goes with thinking."""
    if not asked:
        return params
    barred = {"reasoning_effort", *(SAMPLING if meant.is_claude else ())}
    return {name: value for name, value in params.items() if name not in barred}


def _level(request: ModelRequest, meant: Target) -> Reasoning | None:
    said = meant.spec.params.get("reasoning_effort") if meant.is_claude else None
    level = request.reasoning or meant.spec.reasoning or (PARAMS.get(said) if said else None)
    on = level not in (None, "off") or meant.provider == "deepseek"  # which thinks by itself
    return "off" if on and interrupted(request, meant) else level


def _fitting(level: Reasoning, max_output: int) -> Reasoning | None:
    """The thought is a part of the answer, and must leave room for the rest of it."""
    fits = [name for name, tokens in LEVELS.items() if tokens <= LEVELS[level] and tokens < max_output]
    return fits[0] if fits else None


def _can(meant: Target) -> bool:
    """An entry of the file that says how long to think is taken at its word."""
    return meant.spec.reasoning not in (None, "off") or meant.provider == "deepseek" or _known(meant)


def _known(meant: Target) -> bool:
    try:
        return bool(library().supports_reasoning(meant.model))
    except Exception:  # it raises plain ones for models it does not know
        return False


def _effort(effort: str, meant: Target) -> Arguments:
    """Where LiteLLM does not know that a model takes it, it is told so."""
    taken = library().get_supported_openai_params(meant.model, custom_llm_provider=meant.provider) or ()
    name = "reasoning_effort"
    return {name: effort} | ({} if name in taken else {"allowed_openai_params": [name]})


def _switched(meant: Target, state: str) -> Arguments:
    thinking = {"thinking": {"type": state}}
    return {"extra_body": thinking} if meant.provider == "moonshot" else thinking


def _off(meant: Target) -> Arguments:
    model = meant.model.rsplit("/", 1)[-1].lower()
    if meant.is_claude and meant.provider != "openrouter":
        return {}  # it thinks only when it is asked to
    match meant.provider:
        case "deepseek" | "zai" | "moonshot":
            return _switched(meant, "disabled")
        case "hosted_vllm" | "vllm":
            return {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}}
        case "dashscope":
            return {"extra_body": {"enable_thinking": False}}
        case "openrouter" | "ollama" | "ollama_chat":
            return _effort("none", meant)
        case "gemini" | "vertex_ai" if _known(meant):
            return _effort("minimal" if "2.5-pro" in model else "none", meant)
        case "openai" | "azure" if _known(meant):
            return _effort(_least(model), meant)
    return {}


def _least(model: str) -> str:
    """The least that OpenAI's models can think: o3 a little, gpt-5 hardly, later ones not at all."""
    if re.match(r"gpt-5\.\d", model):
        return "none"
    return "minimal" if model.startswith("gpt-5") else "low"
