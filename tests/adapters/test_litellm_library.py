"""How LiteLLM is set up when it is imported."""

from openai import omit
from openai.resources.chat.completions import completions
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming

from adapters.models.litellm_library import WALK, library


async def test_conversations_are_not_walked_through_once_more_before_they_are_sent() -> None:
    library()
    messages = [{"role": "user", "content": "Hello"}]
    asked = {"messages": messages, "tools": omit, "model": "m", "stream": True}
    sent = await getattr(completions, WALK)(asked, CompletionCreateParamsStreaming)
    assert sent["messages"] is messages
    assert sent == {"messages": messages, "model": "m", "stream": True}
