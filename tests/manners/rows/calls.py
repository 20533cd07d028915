"""How calls come: their ids, indices, names and arguments."""

from tests.manners import openai
from tests.manners.row import Row, Seen


def _three_results(seen: Seen) -> None:
    assert [m["content"] for m in seen.last if m["role"] == "tool"] == ["read a", "read b", "read c"]


ROWS = (
    Row(
        name="calls with ids of their own",
        reports=(),
        script=[*(openai.calls(("notes__read", {"name": n}), ids=[f"call_{n}"]) for n in "abc"), openai.done()],
        calls=[("notes.read", {"name": n}) for n in "abc"],
        expect=_three_results,
    ),
)
