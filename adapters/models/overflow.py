"""Whether a refusal says that the conversation is too long, in every provider's words.

A code comes first, then what it is not, then words. The status says little: some say it with 500, some with 413."""

import re
from typing import NamedTuple

MAX_ERROR_TEXT = 20_000  # characters of an error that are looked at
SMALLEST, LARGEST = 256, 100_000_000  # tokens of a window that can be

_N = r"\[?\(?\s*(?P<limit>\d[\d,_]*)"
_BARE = r"(?P<limit>\d[\d,_]*)"  # in brackets stands a code there
_CODES = re.compile(
    r"context_length_exceeded|context_window_exceeded|exceed_context_size_error|model_max_prompt_tokens_exceeded"
    r"|tokens_limit_reached|context_size_exceeded|context_too_long|prompt_too_long|token_quantity_exceeded",
    re.IGNORECASE,
)
# What names lengths and tokens, and is another mistake: no shorter conversation mends it.
_OTHERWISE = re.compile(
    r"tokens? per (?:minute|min|day|hour|second)|\b(?:TPM|TPD|ITPM|OTPM)\b|rate.?limit|quota|throttl|too many requests"
    r"|'?(?:messages|input)\[\d+\]\S*\b(?:id|call_id|tool_call_id|name)\b'?:? ?string too long"
    r"|'?(?:tools|functions|metadata|user|stop|name|safety_identifier|prompt_cache_key)\b[^\s]*'?:? ?(?:array|string)"
    r" too (?:long|large)|image|audio|video|pixels|megabytes?\b|\bMB\b"
    r"|tool(?:s|_choice| schema| definition| name| description)\b[^.]{0,40}too (?:long|large)"
    r"|too many (?:tools|functions)"
    r"|completion tokens, whereas|maximum allowed number of output tokens"
    r"|(?<!\+ )(?<!\+ `)\bmax_new_tokens`? must|max(?:imum)?_?(?:output|completion)[ _]tokens"
    r" (?:must|is too large: \d+\. this model supports at most)|supports at most \d+ completion tokens|stop sequences",
    re.IGNORECASE,
)
# Said of the conversation itself, whatever else a text names beside it.
_CERTAIN = re.compile(
    r"maximum (?:context|model) length|context window of this model|exceed context limit"
    r"|input (?:token count|tokens exceed)|prompt token count",
    re.IGNORECASE,
)
_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"maximum context length(?: is| of|:)?\s*(?:only\s*)?{_N}",
        rf"{_N}(?:-token)? (?:tokens? )?maximum context length",
        r"maximum context (?:length|size|window)",
        rf"maximum (?:prompt|input|model|sequence|allowed input|allowed) length (?:is|of)?\s*(?:only\s*)?{_N}",
        rf"prompt is too long: \d+(?: tokens)? > {_N}",
        r"exceed(?:s|ed)? (?:the )?(?:configured |context |model token |total tokens? )*limit(?: of)?:? "
        rf"(?:[\d +]+> )?{_BARE}",
        rf"exceeds the maximum number of (?:input )?tokens allowed\s*{_N}",
        rf"exceeds the available context size {_N}",
        rf"model(?:'s)? (?:maximum )?context length (?:of )?{_N}",
        rf"context length (?:of )?(?:only )?{_N}",
        rf"must (?:be <=|be less than max_seq_len|have less than) {_N}",
        rf"current length is \d+ while limit is {_N}",
        rf"range of input length should be \[\d+, ?{_N}",
        rf"cannot exceed (?:the total tokens? limit )?{_N}",
        rf"the limit for this model is {_N} tokens",
        rf"request body too large for \S+ model\. max size: {_N} tokens",
        rf"(?:prompt|input)[^.]{{0,60}}exceeds? (?:the )?(?:limit|maximum)[^\d.]{{0,40}}{_N}",
        r"(?:prompt|input|conversation) (?:is |was )?too (?:long|large)",
        r"prompt exceeds max(?:imum)? length|prompt 超长|上下文长度|长度超限",
        r"exceed(?:s|ed)? (?:the |its |this |your )?(?:model'?s? )?(?:max(?:imum)? |available |allowed |total )*"
        r"context[ _](?:window|length|size|limit)",
        r"context[ _](?:window|length|size|limit)(?: has been| is| was)? exceed",
        r"(?:greater|longer|larger) than the (?:model'?s? )?(?:max(?:imum)? )?context",
        r"when context the overflows|context overflow",
        r"reduce the length of the (?:messages|prompt|input)|reduce your prompt",
        r"exceeds? the (?:model'?s? |max(?:imum)? )+(?:context|sequence|prompt|input)\b",
        r"too many tokens in (?:the |your )?(?:prompt|input|conversation)|input tokens? limit exceeded",
        r"\bmessages? (?:is |are )?too long",
        rf"exceeds? (?:the )?(?:max(?:imum)? )?context window of {_N}",
        r"exceed(?:s|ed)? (?:the )?model token limit|too many input tokens|input tokens exceeded"
        r"|number of input tokens exceeds",
        r"too many tokens: (?:size limit|total number)",
        r"input (?:length|tokens?)[^.]{0,40} exceeds? (?:the )?(?:model'?s? )?max",
        # A request of too many bytes, in an API's words, a gateway's, a proxy's.
        r"request_too_large|request exceeds the maximum size|maximum request body size \d+ exceeded"
        r"|(?:request entity|payload|content) too large|string value length \(\d+\) exceeds the maximum allowed",
        r"length of all messages is too long|tokens of image and text exceed max message tokens",
        r"'?(?:messages|input)\[\d+\][^\s]*'?:? ?string too long",
        r"string_above_max_length[^}]{0,80}\"?(?:messages|input)\[",
    )
)
_ASKED = re.compile(
    r"\blimit:? ?(\d[\d,]*)\D{1,40}?(?:used:? ?\d[\d,]*\D{1,20})?requested:? ?(\d[\d,]*)", re.IGNORECASE
)
_N_CTX = re.compile(r"[\"']?n_ctx[\"']?\s*[:=]\s*(\d+)")


class TooMuch(NamedTuple):
    """More tokens than an account may send in a minute, in one request."""

    limit: int
    asked: int


def overflows(text: str) -> bool:
    """Whether an error's text, code included, says that the conversation does not fit."""
    text = text[:MAX_ERROR_TEXT]
    if _CODES.search(text):
        return True
    if is_otherwise(text):
        return False
    return any(words.search(text) for words in _WORDS)


def is_otherwise(text: str) -> bool:
    """Whether it is another mistake that only sounds like it."""
    found = _OTHERWISE.search(text[:MAX_ERROR_TEXT])
    return bool(found) and not (_CERTAIN.search(text) and not re.search(r"per (?:min|day|hour)|TPM", text))


def window_in(text: str) -> int | None:
    """The window that an overflow's text names, in tokens."""
    text = text[:MAX_ERROR_TEXT]
    if found := _N_CTX.search(text):
        return _sound(found[1])
    limits = (match["limit"] for words in _WORDS if "limit" in words.groupindex for match in words.finditer(text))
    return next((size for limit in limits if (size := _sound(limit))), None)


def too_much(text: str) -> TooMuch | None:
    """A request that no waiting lets through: it is larger than what is allowed in a minute."""
    found = _ASKED.search(text[:MAX_ERROR_TEXT])
    if not found or not re.search(r"tokens? per|\bTPM\b|\bTPD\b", text):
        return None
    limit, asked = (int(number.replace(",", "")) for number in found.groups())
    return TooMuch(limit, asked) if asked > limit > 0 else None


def _sound(number: str) -> int | None:
    size = int(number.replace(",", "").replace("_", "")[:12])
    return size if SMALLEST <= size <= LARGEST else None
