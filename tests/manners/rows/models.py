"""What models take and cost: windows, prices, refusals that no waiting mends."""

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Body, Reply
from threadwork.workflows.agents import BudgetSpec
from threadwork.workflows.models import Price

WINDOW = 8_192  # of gpt-4, for prompt and answer together
TOO_LARGE = (
    "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40000. "
    "The input or output tokens must be reduced in order to run successfully."
)
DOLLARS = {"budget": BudgetSpec(usd=1, tokens=None)}
BILLED = {**openai.USAGE, "cost": 0.25}
CACHED = {
    "prompt_tokens": 10_000,
    "completion_tokens": 20,
    "total_tokens": 10_020,
    "prompt_tokens_details": {"cached_tokens": 9_000},
}


def _fits(body: Body) -> Reply | None:
    """OpenAI's rule for gpt-4: prompt and max_tokens together stay within the window."""
    prompt = len(str(body["messages"]) + str(body.get("tools", ""))) // 6
    asked = prompt + body["max_tokens"]
    if asked <= WINDOW:
        return openai.rules(body)
    return openai.error(
        400,
        f"This model's maximum context length is {WINDOW} tokens. However, you requested {asked} tokens ({prompt} in "
        f"the messages, {body['max_tokens']} in the completion). Please reduce the length.",
        "context_length_exceeded",
    )


def _never_refused(seen: Seen) -> None:
    assert seen.of("context.compacted") == []
    assert all(body["max_tokens"] >= 256 for body in seen.requests)
    assert seen.requests[0]["max_tokens"] < WINDOW


def _asked_once(seen: Seen) -> None:
    assert len(seen.requests) == 1
    assert "waiting will not help" in seen.of("llm_call.failed")[0]["error"]


def _not_asked(seen: Seen) -> None:
    assert seen.requests == []
    assert "Set its price under models in threadwork.yaml" in str(seen.of("workflow.failed"))


def _billed(seen: Seen) -> None:
    assert [done["cost_usd"] for done in seen.of("llm_call.completed")] == [0.25]


def _at_a_tenth(seen: Seen) -> None:
    assert seen.of("budget.exceeded") == []  # 5 times 1,920 of 20,000; 50,100 if they counted in full


ROWS = (
    Row(
        name="a window that prompt and answer share",
        reports=("openclaw/openclaw#4810", "cortexkit/magic-context#275"),
        script=[openai.calls(("notes__read", {"name": "word " * 2_400})), openai.done()],
        model="openai/gpt-4",
        rules=_fits,
        expect=_never_refused,
    ),
    Row(
        name="a window that the server tells",
        reports=("ogx-ai/ogx#4534",),
        script=[openai.done()],
        model="hosted_vllm/qwen3",
        paths={"/v1/models": {"data": [{"id": "qwen3", "max_model_len": WINDOW}]}},
        rules=_fits,
        expect=_never_refused,
    ),
    Row(
        name="more than an account takes in a minute",
        reports=("TheR1D/shell_gpt#653", "elizaOS/eliza#4040"),
        script=[openai.error(429, TOO_LARGE, "rate_limit_exceeded")],
        reason="failed",
        expect=_asked_once,
    ),
    Row(
        name="a budget in dollars for a model without a price",
        reports=("BerriAI/litellm#30715",),
        script=[openai.done()],
        model="litellm_proxy/claude-opus-9",
        agent=DOLLARS,
        reason="failed",
        expect=_not_asked,
    ),
    Row(
        name="a cost that OpenRouter tells",
        reports=("BerriAI/litellm#24770", "BerriAI/litellm#25874"),
        script=[openai.calls(("complete_task", {"answer": "Done."}), usage=BILLED)],
        model="openrouter/anthropic/claude-sonnet-4.5",
        expect=_billed,
    ),
    Row(
        name="a prompt that is cached, counted at its price",
        reports=("librefang/librefang#4943",),
        script=[
            *(openai.calls(("notes__read", {"name": name}), usage=CACHED) for name in "abcd"),
            openai.calls(("complete_task", {"answer": "Done."}), usage=CACHED),
        ],
        spec={"price": Price(input=1, output=2, cached_input=0.1)},
        agent={"budget": BudgetSpec(usd=None, tokens=20_000, on_exceeded="stop"), "max_output_tokens": 1_024},
        expect=_at_a_tenth,
    ),
)
