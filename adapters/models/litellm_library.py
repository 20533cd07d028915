"""LiteLLM itself: imported once, when it is first needed, because that takes seconds and 185 MB."""

import logging
import os
import sys
import warnings
from functools import cache
from typing import Any

from threadwork.adapters.models.gemini_ends import tell_filters

PLAIN = ("messages", "tools")  # arguments that are lists of plain JSON
WALK = "async_maybe_transform"  # of OpenAI's client: walks through all arguments of a call
REASONS = "_FINISH_REASON_MAP"  # LiteLLM's table of why answers end
ENDS = frozenset({"stop", "STOP", "stop_sequence", "end_turn", "COMPLETE", "eos", "eos_token"})


@cache
def library() -> Any:
    """The module `litellm`, silent, without telemetry, and with the price table it was shipped with."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else the import goes to the network
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import litellm

        _rehearse(litellm)
        _spare_conversations()
        _keep_reasons(litellm)
        _ask_nobody(litellm)
        tell_filters(litellm)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True  # counts are estimates; not worth a download
    litellm.disable_aiohttp_transport = True  # httpx: its read time-out is time without a sign of life
    litellm.disable_streaming_logging = True
    litellm.turn_off_message_logging = True
    # Else a ruled line is an error, asked and paid for again.
    litellm.REPEATED_STREAMING_CHUNK_LIMIT = sys.maxsize  # type: ignore[attr-defined]
    for name in ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what it logs quotes answers; what it raises is told
    return litellm


def _rehearse(litellm: Any) -> None:
    """A call that goes nowhere, for what LiteLLM imports at the first call: it would hold up the event loop then."""
    said: Any = [{"role": "user", "content": "Hello"}]
    chunks = litellm.completion(model="openai/gpt-4o-mini", messages=said, mock_response="Hi", api_key="-", stream=True)
    litellm.stream_chunk_builder(list(chunks), messages=said)


def _spare_conversations() -> None:
    """OpenAI's client seeks in every field of every message what is no JSON yet: half the time of a long call."""
    from openai.resources.chat.completions import completions

    whole = getattr(completions, WALK)

    async def sparing(data: Any, expected: Any) -> Any:
        plain = {name: data[name] for name in PLAIN if isinstance(data.get(name), list)}
        return await whole({name: value for name, value in data.items() if name not in plain}, expected) | plain

    setattr(completions, WALK, sparing)


class Reasons(dict[str, str]):
    """LiteLLM's table, without its `stop` for a reason that it does not know, or that is no good end."""

    def get(self, reason: str, default: Any = None) -> Any:
        listed = super().get(reason)
        return reason if listed is None or (listed == "stop" and reason not in ENDS) else listed


def _keep_reasons(litellm: Any) -> None:
    helpers = litellm.litellm_core_utils.core_helpers
    setattr(helpers, REASONS, Reasons(getattr(helpers, REASONS)))


def _ask_nobody(litellm: Any) -> None:
    """For facts of some models LiteLLM asks a server: in the middle of a call, while all else waits, and this machine's
    where the model is on another. We ask ourselves."""
    from litellm.llms.lemonade.chat.transformation import LemonadeChatConfig
    from litellm.llms.ollama.common_utils import OllamaModelInfo

    def nothing(*_: Any, **__: Any) -> None:
        """As what is not known, for which its table is looked up."""

    hugging_face = (litellm.utils, "_get_max_position_embeddings")
    for place, asks in ((OllamaModelInfo, "get_model_info"), (LemonadeChatConfig, "get_model_info"), hugging_face):
        setattr(place, asks, nothing)
