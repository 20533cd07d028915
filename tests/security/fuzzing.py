"""What the fuzzers share: texts as they come from anywhere, and payloads of which something is other than it should."""

import copy
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

# Halves of pairs, controls, NUL and right-to-left marks among them.
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(), max_size=20).map(lambda text: f"\ud83d{text}\0\u202e"),
    st.sampled_from(
        ["", " ", "|", "||||", "-" * 300, "—agent=", "${X}", "<@U1>", "<@", "0" * 5_000, "٣", "1e999", "🙂" * 50]
    ),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.dictionaries(st.text(max_size=8), TEXTS, max_size=3),
)


T = TypeVar("T")


def came_of(call: Callable[[], T], *refusals: type[Exception]) -> tuple[T | None, str]:
    """The value, or the sentence with which it was refused; any other error is a finding."""
    try:
        return call(), ""
    except refusals as refused:
        return None, str(refused) or "(no sentence)"


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inner for path in paths(one, (*at, key)))]


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """The JSON value with one to four places taken out, or with something else in them."""
    made = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 4))):
        *where, last = draw(st.sampled_from([path for path in paths(made) if path]))
        holder = made
        for step in where:
            holder = holder[step]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = draw(VALUES)
        if not made:
            break
    return made
