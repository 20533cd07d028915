"""What the slash command is called in words of ours."""

import ast
import asyncio
from pathlib import Path

from threadwork.bot.chat.answers import help_text, unknown
from threadwork.bot.chat.exact_words import other_words
from threadwork.bot.chat.lines import control_word
from threadwork.bot.chat.rights import Powers
from threadwork.bot.chat.words import parse
from threadwork.workflows.slash_name import AGENT, SLASH, called

ROOMS = [Path(__file__).parents[3] / room for room in ("bot", "adapters", "activities", "workflows")]


async def test_texts_made_within_and_in_tasks_that_begin_there_call_it_so_and_others_do_not() -> None:
    async def said() -> str:
        await asyncio.sleep(0)
        return f"`{SLASH} help`"

    with called("/ai"):
        begun = asyncio.create_task(said())
        assert f"{SLASH}" == str(SLASH) == "/ai"
    assert [await begun, await said()] == ["`/ai help`", "`/agent help`"]


def test_words_of_people_are_left_as_they_are_beside_it() -> None:
    with called("/ai"):
        told = unknown(parse("explain `/agent list` to me please")).text
        hint = other_words("deny", "the `/agent deny` button is broken, please fix it").hint
    assert "`/ai run explain" in told
    assert "/agent list" in told
    assert "/ai run deny the" in hint
    assert "/agent deny" in hint


def test_help_calls_it_so_throughout() -> None:
    powers = Powers(agents=(), control=True, decide=True)
    with called("/ai"):
        text = help_text(powers).text
    assert text.count("`/ai ") > 5
    assert AGENT not in text


def test_a_control_word_counts_behind_either_name() -> None:
    with called("/ai"):
        assert [control_word(f"{name} stop") for name in ("/ai", "/agent", "/other")] == ["stop", "stop", ""]


def test_no_text_of_ours_names_it_otherwise() -> None:
    """As a literal it would be wrong where it is called otherwise, as a constant of a module it is made too early."""
    wrong = []
    for file in (one for room in ROOMS for one in room.rglob("*.py") if one.name != "slash_name.py"):
        tree = ast.parse(file.read_text())
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, WITH_DOCS)}
        literals = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value not in docs)
        wrong += [f"{file}:{node.lineno}" for node in literals if named(node.value)]
        early = (one for statement in tree.body if isinstance(statement, EARLY) for one in ast.walk(statement))
        wrong += [f"{file}:{one.lineno}" for one in early if isinstance(one, ast.Name) and one.id == "SLASH"]
    assert wrong == []


WITH_DOCS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
EARLY = (ast.Assign, ast.AnnAssign, ast.Expr)


def named(text: object) -> bool:
    return isinstance(text, str) and (text.strip("`") == AGENT or f"{AGENT} " in text or text.endswith(AGENT))
