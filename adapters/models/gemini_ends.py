"""How answers of Gemini end: beside a call LiteLLM says `tool_calls`, also where a filter stopped the answer."""

from typing import Any, Final

FILTERED: Final = "content_filter"


def tell_filters(litellm: Any) -> None:
    """Have the reader of Gemini's pieces keep to what Gemini says of a filter."""
    from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import ModelResponseIterator

    read = ModelResponseIterator.chunk_parser
    meant = litellm.litellm_core_utils.core_helpers.map_finish_reason

    def candid(self: Any, chunk: dict[str, Any]) -> Any:
        piece = read(self, chunk)
        reasons = {one.get("index", 0): one.get("finishReason") for one in chunk.get("candidates") or ()}
        for choice in piece.choices if piece else ():
            if (reason := reasons.get(choice.index)) and meant(reason) == FILTERED:
                choice.finish_reason = FILTERED
        return piece

    setattr(ModelResponseIterator, read.__name__, candid)
