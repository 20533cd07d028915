"""Models that were said to see, and what they say when they do not."""

import pytest

from threadwork.adapters.models.blindness import Blindness
from threadwork.adapters.models.targets import Target
from threadwork.workflows.errors import ContextOverflow, ModelError, ThreadworkError
from threadwork.workflows.models import ModelFacts, ModelRequest, ModelSpec

MEANT = Target("ours", ModelSpec(model="openai/ours"))
OTHER = Target("other", ModelSpec(model="openai/other"))
SEES = ModelFacts(name="ours", vision=True, pdf=True)
TEXT, IMAGE, PDF = {"type": "text", "text": "Look."}, {"type": "image_url"}, {"type": "file"}


def request(*parts: dict[str, str]) -> ModelRequest:
    content = list(parts) if parts else "Look."
    return ModelRequest(model="ours", messages=({"role": "user", "content": content},), max_output=10, timeout=1)


class Refused(Exception):
    status_code = 400


BLIND = (
    "No endpoints found that support image input",  # OpenRouter, NousResearch/hermes-agent#23411
    "Invalid content type. image_url is only supported by certain models.",  # OpenAI
    "image input is not supported by this server",  # llama.cpp, ggml-org/llama.cpp#13566
    'Failed to parse messages: Unsupported content part type: "image_url"',  # mostlygeek/llama-swap#118
    "Model does not support images. Please use a model that does.",  # LM Studio, lmstudio-bug-tracker#362
    "this model does not support image input (ref: b8bd)",  # Ollama, ollama/ollama#17301
    "This model is missing data required for image input",  # Ollama
    # DeepSeek, rikkahub/rikkahub#1433 and browser-use/browser-use#159
    "Failed to deserialize the JSON body into the target: messages[1]: unknown variant `image_url`, expected `text`",
    "messages[2]: data did not match any variant of untagged enum ChatCompletionRequestContent at line 1 column 15700",
    "At most 0 image(s) may be provided in one prompt.",  # vLLM
    "/models/qwen3 is not a multimodal model",  # vLLM
    "Image input is not enabled for this model",  # Mistral
    "messages[0].content must be a string",  # Groq
    "This model doesn't support the image content block that you provided.",  # Bedrock
    "claude-2.1 cannot process images",
    "该模型不支持图片输入",  # z.ai
)
NOT_BLIND = (
    "messages.1.content.0.image.source.base64: image exceeds 5 MB maximum: 5316852 bytes > 5242880 bytes",
    "Unsupported image format: image/tiff is not supported",
    "Could not process image",
    "The image dimensions exceed the maximum that is supported",
    "Invalid schema for function 'notes': schema must have type 'object'",
    "No endpoints found that support tool use.",
    "Failed to download image from https://example.org",
)


@pytest.mark.parametrize("words", BLIND)
def test_a_model_that_refuses_images_is_taken_for_one_that_sees_none(words: str) -> None:
    blindness = Blindness()
    raised = blindness.learnt(Refused(words), ModelError(words), request(TEXT, IMAGE), MEANT)
    assert raised is not None
    assert raised.retry_after, "it is asked again at once"
    assert blindness.corrected(SEES, MEANT) == SEES.model_copy(update={"vision": False})
    assert blindness.corrected(SEES, OTHER) == SEES


@pytest.mark.parametrize("words", NOT_BLIND)
def test_what_is_said_of_one_image_or_of_something_else_says_nothing_of_the_model(words: str) -> None:
    blindness = Blindness()
    assert blindness.learnt(Refused(words), ModelError(words), request(TEXT, IMAGE), MEANT) is None
    assert blindness.corrected(SEES, MEANT) == SEES


def test_pdfs_are_refused_by_themselves() -> None:
    blindness = Blindness()
    said = "No endpoints found that support PDF input"
    assert blindness.learnt(Refused(said), ModelError(said), request(TEXT, IMAGE, PDF), MEANT)
    assert blindness.corrected(SEES, MEANT) == SEES.model_copy(update={"pdf": False})


@pytest.mark.parametrize("raised", [ContextOverflow("The conversation is too long for ours."), None])
def test_without_images_and_with_too_many_of_them_it_is_something_else(raised: ThreadworkError | None) -> None:
    asked = request(TEXT, IMAGE) if raised else request()
    assert Blindness().learnt(Refused(BLIND[0]), raised or ModelError(BLIND[0]), asked, MEANT) is None
