"""Where a prompt is to be kept for the next call: Claude's cache holds what stands before the points that are set.

Set after the tools, after the system prompt, and after the last two things that Claude was told: the next call finds
what this one wrote, however many blocks lie between. Gemini, OpenAI and DeepSeek keep prompts by themselves; for
Gemini, LiteLLM would make a stored copy of the prompt at a price of its own, so no point is set there."""

from collections.abc import Sequence
from typing import Any

from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.targets import Target

POINT = {"type": "ephemeral"}
KNOWN_FOR = frozenset({"bedrock", "bedrock_converse", "databricks"})  # old models there refuse a point
PASSES = frozenset({"anthropic", "vertex_ai", "azure_ai", "openrouter", *KNOWN_FOR})
Message = dict[str, Any]


def caches(meant: Target) -> bool:
    """Whether points are taken for this model."""
    if not meant.is_claude or meant.provider not in PASSES:
        return False
    return meant.provider not in KNOWN_FOR or bool(library().utils.supports_prompt_caching(model=meant.model))


def marked_messages(messages: list[Message]) -> list[Message]:
    places = {*_first_system(messages), *_last_told(messages)}
    return [_marked(message) if number in places else message for number, message in enumerate(messages)]


def marked_tools(tools: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*tools[:-1], *({**tool, "cache_control": POINT} for tool in tools[-1:])]


def _first_system(messages: list[Message]) -> list[int]:
    return [number for number, message in enumerate(messages) if message["role"] == "system"][:1]


def _last_told(messages: list[Message]) -> list[int]:
    """The end, and where the end was in the call before."""
    spoke = [number for number, message in enumerate(messages) if message["role"] == "assistant"]
    ends = (len(messages), *reversed(spoke[-1:]))
    return [end - 1 for end in ends if end and messages[end - 1]["role"] in ("user", "tool")]


def _marked(message: Message) -> Message:
    """An empty text takes no point."""
    content = message.get("content")
    if not content:
        return message
    if message["role"] == "tool":
        return {**message, "cache_control": POINT}
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return {**message, "content": [*blocks[:-1], {**blocks[-1], "cache_control": POINT}]}
