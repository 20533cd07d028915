"""Calls in pieces, as servers really stream them, and what they are put together to."""

import pytest

from threadwork.adapters.models.stitching import Piece, Stitching

OFFERED = ("read", "write", "edit_file", "list")
A, B = '{"n": "a"}', '{"n": "b"}'

# what servers do: (where it was reported, pieces as (index, id, name, arguments), calls as (id, name, arguments))
MANNERS = {
    "as OpenAI says": (
        "",
        [(0, "1", "read", ""), (0, "", "", '{"n":'), (0, "", "", ' "a"}'), (1, "2", "read", ""), (1, "", "", B)],
        [("1", "read", A), ("2", "read", B)],
    ),
    "interleaved": (
        "QwenLM/Qwen-Agent#943",
        [(0, "1", "read", ""), (1, "2", "write", ""), (0, "", "", '{"n":'), (1, "", "", B), (0, "", "", ' "a"}')],
        [("1", "read", A), ("2", "write", B)],
    ),
    "no ids": ("BerriAI/litellm#33223", [(0, "", "read", A), (1, "", "read", B)], [("", "read", A), ("", "read", B)]),
    "no ids, one index, whole calls of one tool": (
        "BerriAI/litellm#11262",
        [(0, "", "read", A), (0, "", "read", B), (0, "", "read", B)],
        [("", "read", A), ("", "read", B), ("", "read", B)],
    ),
    "no ids, one index, in pieces": (
        "smolagents#1958",
        [(0, "", "read", ""), (0, "", "", A), (0, "", "read", ""), (0, "", "", '{"n":'), (0, "", "", ' "b"}')],
        [("", "read", A), ("", "read", B)],
    ),
    "ids of their own, one index": (
        "su-kaka/gcli2api#406",
        [(0, "1", "read", A), (0, "2", "read", B), (0, "3", "write", A)],
        [("1", "read", A), ("2", "read", B), ("3", "write", A)],
    ),
    "ids of their own, one index, by turns": (
        "maximhq/bifrost#1829",
        [(0, "1", "read", '{"n":'), (0, "2", "read", '{"n":'), (0, "1", "", ' "a"}'), (0, "2", "", ' "b"}')],
        [("1", "read", A), ("2", "read", B)],
    ),
    "one id and one index for all": (
        "NousResearch/hermes-agent#70724",
        [(0, "x", "read", A), (0, "x", "read", '{"n":'), (0, "x", "", ' "b"}'), (0, "x", "write", A)],
        [("x", "read", A), ("x", "read", B), ("x", "write", A)],
    ),
    "one id for all": ("", [(0, "x", "read", A), (1, "x", "read", B)], [("x", "read", A), ("x", "read", B)]),
    "id and name on every piece": (
        "NousResearch/hermes-agent#8259",
        [(0, "1", "read", '{"n"'), (0, "1", "read", ': "a'), (0, "1", "read", '"}'), (0, "1", "read", "")],
        [("1", "read", A)],
    ),
    "name on every piece, no id": (
        "workbuddy2api#82",
        [(0, "", "read", ""), (0, "", "read", '{"n": '), (0, "", "read", '"a"}'), (0, "", "read", "")],
        [("", "read", A)],
    ),
    "another id on every piece": (
        "",
        [(0, "1", "read", ""), (0, "2", "", '{"n": '), (0, "3", "", '"a"}')],
        [("1", "read", A)],
    ),
    "the id on a later piece": (
        "",
        [(0, "", "read", ""), (0, "", "", '{"n"'), (0, "7", "", ': "a"}')],
        [("7", "read", A)],
    ),
    "the name after the arguments": ("", [(0, "1", "", A), (0, "", "read", "")], [("1", "read", A)]),
    "the name in pieces": (
        "continuedev/continue#5849",
        [(0, "1", "edit_", ""), (0, "", "file", ""), (0, "", "", A)],
        [("1", "edit_file", A)],
    ),
    "all at once after empty pieces": (
        "",
        [(0, "1", "read", ""), (0, "", "", ""), (0, "", "", ""), (0, "", "", A)],
        [("1", "read", A)],
    ),
    "an empty object first": (
        "",
        [(0, "1", "read", "{}"), (0, "", "", '{"n": '), (0, "", "", '"a"}')],
        [("1", "read", A)],
    ),
    "an empty object that stays": (
        "",
        [(0, "1", "list", "{}"), (1, "2", "list", "{}")],
        [("1", "list", "{}"), ("2", "list", "{}")],
    ),
    "said once more at the end": (
        "open-webui/open-webui#22235",
        [(0, "1", "read", ""), (0, "", "", '{"n": '), (0, "", "", '"a"}'), (0, "1", "read", A)],
        [("1", "read", A)],
    ),
    "said once more without a name": (
        "open-webui/open-webui#22235",
        [(0, "1", "read", '{"n": '), (0, "", "", '"a"}'), (0, "", "", A)],
        [("1", "read", A)],
    ),
    "all that was said, with each piece": (
        "QwenLM/Qwen-Agent#943",
        [(0, "1", "read", '{"n'), (0, "1", "read", '{"n": "a'), (0, "1", "read", A)],
        [("1", "read", A)],
    ),
    "index from 1": ("", [(1, "1", "read", A), (2, "2", "read", B)], [("1", "read", A), ("2", "read", B)]),
    "the index on the first piece only": (
        "",
        [(1, "1", "read", '{"n"'), (0, "", "", ': "a"}'), (2, "2", "read", ""), (0, "", "", B)],
        [("1", "read", A), ("2", "read", B)],
    ),
    "another tool after one without arguments": (
        "",
        [(0, "", "list", ""), (0, "", "read", A)],
        [("", "list", ""), ("", "read", A)],
    ),
    "an empty entry beside words": ("", [(0, "", "", ""), (0, "1", "", "")], []),
    "function_call": ("", [(-1, "", "read", ""), (-1, "", "", '{"n": '), (-1, "", "", '"a"}')], [("", "read", A)]),
    "both forms": ("", [(0, "1", "read", A), (-1, "", "read", A)], [("1", "read", A)]),
    "braces and quotes within texts": (
        "",
        [(0, "", "read", '{"n": "}\\'), (0, "", "read", '"{"'), (0, "", "read", "}"), (0, "", "read", B)],
        [("", "read", '{"n": "}\\"{"}'), ("", "read", B)],
    ),
    "no JSON at all": ("", [(0, "1", "read", "n: "), (0, "", "", "a")], [("1", "read", "n: a")]),
}


@pytest.mark.parametrize("manner", MANNERS)
def test_pieces_become_the_calls_that_were_meant(manner: str) -> None:
    _, pieces, expected = MANNERS[manner]
    stitching = Stitching(OFFERED)
    for piece in pieces:
        stitching.take(Piece(*piece))
    assert [(call.id, call.name, call.arguments) for call in stitching.calls()] == expected


def test_arguments_in_a_hundred_thousand_pieces_are_read_once_each() -> None:
    """With the name on each, so that each could begin a call: looking back each time would take minutes."""
    stitching = Stitching(OFFERED)
    for text in ('{"n": "', *["x"] * 100_000, '"}'):
        stitching.take(Piece(0, "1", "read", text))
    assert len(stitching.calls()[0].arguments) == 100_009
