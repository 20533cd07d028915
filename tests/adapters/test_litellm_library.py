"""How LiteLLM is set up when it is imported."""

from openai import omit
from openai.resources.chat.completions import completions
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

from threadwork.adapters.models.litellm_library import WALK, library


async def test_conversations_are_not_walked_through_once_more_before_they_are_sent() -> None:
    library()
    messages = [{"role": "user", "content": "Hello"}]
    asked = {"messages": messages, "tools": omit, "model": "m", "stream": True}
    sent = await getattr(completions, WALK)(asked, CompletionCreateParamsStreaming)
    assert sent["messages"] is messages
    assert sent == {"messages": messages, "model": "m", "stream": True}


def test_reasons_that_are_no_good_end_are_told_as_they_were_said() -> None:
    told = library().litellm_core_utils.core_helpers.map_finish_reason
    bad = ("model_context_window_exceeded", "MALFORMED_FUNCTION_CALL", "network_error", "error")
    assert [told(reason) for reason in bad] == list(bad)
    assert [told(reason) for reason in ("end_turn", "STOP", "tool_use", "MAX_TOKENS")] == [
        *("stop", "stop", "tool_calls", "length")
    ]
