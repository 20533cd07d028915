"""What providers keep of a prompt, and what that costs."""

from typing import Any

from tests.manners import anthropic
from tests.manners.row import Row, Seen

LONG = "Be thorough. " * 600  # more than the least that is cached


def _two_calls(model: str, path: str, **more: Any) -> Row:
    fake = anthropic.Anthropic()
    reads = [anthropic.use("notes__read", {"name": f"n{i}"}, f"toolu_{i}") for i in range(25)]  # beyond the lookback

    def cached(seen: Seen) -> None:
        used = [data["usage"] for data in seen.of("llm_call.completed")]
        assert used[0]["cached"] == 0
        assert used[1]["cached"] > 1_500  # all that the first call wrote
        assert used[2]["cached"] > used[1]["cached"]  # and what came since
        costs = [data["cost_usd"] for data in seen.of("llm_call.completed")]
        assert costs[1] < costs[0]  # a longer prompt, most of it at the price of a cached one

    return Row(
        name=f"the second call finds what the first wrote: {model}",
        reports=("agentjido/req_llm#503", "vellum-ai/vellum-assistant#18023", "langchain4j/langchain4j#3051"),
        script=[
            fake.says(*reads),
            fake.says(anthropic.use("notes__read", {"name": "z"}, "toolu_z")),
            fake.says(anthropic.done()),
        ],
        rules=fake.rules,
        model=model,
        path=path,
        agent={"instructions": LONG, **more.pop("agent", {})},
        expect=cached,
        within=120,
        **more,
    )


ROWS = (
    _two_calls("anthropic/claude-sonnet-4-5", ""),
    _two_calls("anthropic/claude-opus-4-6", ""),
)
