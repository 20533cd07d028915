"""The ids of calls as a provider takes them.

A conversation holds ids of ours; older ones hold what some provider gave, which may come twice or be long.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from threadwork.workflows.models import KEPT_KEY

MISTRAL = re.compile(r"(mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral|mathstral)", re.I)
NINE = re.compile(r"[A-Za-z0-9]{9}")  # what Mistral takes, wherever it runs
COMMON = re.compile(r"[A-Za-z0-9_-]{1,40}")  # Anthropic's characters, OpenAI's length; Bedrock takes 64
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def is_mistral(model: str) -> bool:
    """By LiteLLM's name, whoever serves it."""
    return bool(MISTRAL.search(model))


def provider_ids(messages: Sequence[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    """The messages, each call and its result under an id that the provider takes and that no other call has.

    The same conversation always gets the same ids, and a longer one keeps those of its beginning. What is kept of
    calls for their adapter (`KEPT`) goes by the new ids too."""
    taken: set[str] = set()
    turn: dict[str, list[str]] = {}
    out = []
    for message in messages:
        if message.get("role") == "assistant":
            message, turn = _renamed(message, taken, NINE if is_mistral(model) else COMMON)
        elif message.get("role") == "tool":
            waiting = turn.get(str(message.get("tool_call_id")))
            message = {**message, "tool_call_id": waiting.pop(0)} if waiting else message
        out.append(message)
    return out


def _renamed(
    message: dict[str, Any], taken: set[str], allowed: re.Pattern[str]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The assistant's message and, for each of its old ids, the new ones in order."""
    new: dict[str, list[str]] = {}
    calls = []
    for call in message.get("tool_calls") or ():
        given = str(call.get("id") or "")
        own = _free(given, taken, allowed)
        taken.add(own)
        new.setdefault(given, []).append(own)
        calls.append({**call, "id": own})
    if not calls:
        return message, new
    return {**message, "tool_calls": calls, **_kept(message, new)}, new


def _kept(message: dict[str, Any], new: dict[str, list[str]]) -> dict[str, Any]:
    kept = message.get(KEPT_KEY)
    if not isinstance(kept, dict) or not isinstance(kept.get("calls"), dict):
        return {}
    calls = {own: kept["calls"][given] for given, owns in new.items() if given in kept["calls"] for own in owns}
    return {KEPT_KEY: {**kept, "calls": calls}}


def _free(given: str, taken: set[str], allowed: re.Pattern[str]) -> str:
    """The id as it stands where it may, else one made of it."""
    number = 0
    own = given
    while own in taken or not allowed.fullmatch(own):
        own = _digest(f"{given}:{number}")
        number += 1
    return own


def _digest(text: str) -> str:
    """Nine characters, which every provider takes."""
    number = int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:16])
    digits = []
    for _ in range(9):
        number, digit = divmod(number, len(DIGITS))
        digits.append(DIGITS[digit])
    return "".join(digits)
