"""A function that raises, emits or returns a quantity says so in its docstring, or in that of its class or its port."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("workflows", "activities", "adapters", "bot")
BUILT_IN = {"Exception", "ValueError", "RuntimeError", "KeyError", "OSError", "TimeoutError", "ConnectionError"}

QUANTITIES = {"int", "float", "timedelta"}  # what has a unit

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Public(NamedTuple):
    """A public function, with the class that it is a method of."""

    path: str
    of: ast.ClassDef | None
    function: Function

    @property
    def name(self) -> str:
        return f"{self.path}: {self.of.name + '.' if self.of else ''}{self.function.name}"

    @property
    def kind(self) -> str:
        return (self.of and ast.get_docstring(self.of)) or ""

    @property
    def itself(self) -> str:
        """Its own docstring, and those of the ports that its class says it satisfies."""
        ports = [ports_said(port, self.function.name) for port in re.findall(r"`(\w+)`", self.kind)]
        return "".join([ast.get_docstring(self.function) or "", *ports])

    @property
    def said(self) -> str:
        """The same, and its class's."""
        return f"{self.kind}\n{self.itself}"


@cache
def modules() -> dict[str, ast.Module]:
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "versions" not in path.parts)
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


@cache
def classes() -> dict[str, list[ast.ClassDef]]:
    found: dict[str, list[ast.ClassDef]] = {}
    for module in modules().values():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(node)
    return found


def bases(name: str) -> set[str]:
    """Names of a class of ours and of all it is made from; empty for what is no class of ours."""
    above = {ast.unparse(base) for node in classes().get(name, []) for base in node.bases} - {name}
    return {name, *above, *(far for near in above for far in bases(near))} if name in classes() else set()


def errors_of_ours(node: ast.AST) -> set[str]:
    raised = {name for name in map(error_name, ast.walk(node)) if name}
    return {name for name in raised if bases(name) & BUILT_IN}


def error_name(node: ast.AST) -> str:
    """What a statement raises by name; empty for another statement, and where an error is passed on."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return ""
    made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return ast.unparse(made) if isinstance(made, ast.Name) and made.id != "NotImplementedError" else ""


def emits(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit"


def ports_said(port: str, method: str) -> str:
    found = [node for node in classes().get(port, []) if "Protocol" in map(ast.unparse, node.bases)]
    methods = [m for node in found for m in node.body if isinstance(m, Function) and m.name == method]
    return "\n".join(ast.get_docstring(node) or "" for node in [*found, *methods])


def public_functions() -> Iterator[Public]:
    for path, module in modules().items():
        for node in module.body:
            inner = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
            of = node if isinstance(node, ast.ClassDef) else None
            for function in inner:
                if isinstance(function, Function) and not function.name.startswith("_"):
                    yield Public(path, of, function)


def test_whoever_raises_or_emits_has_a_docstring() -> None:
    bare = [
        one.name
        for one in public_functions()
        if any(error_name(node) or emits(node) for node in ast.walk(one.function))
        and not ast.get_docstring(one.function)
    ]
    assert not bare


def test_whoever_returns_a_quantity_says_of_what() -> None:
    bare = [
        one.name
        for one in public_functions()
        if one.function.returns and QUANTITIES & set(ast.unparse(one.function.returns).split(" | ")) and not one.itself
    ]
    assert not bare


def test_errors_of_ours_are_told_where_they_are_raised() -> None:
    untold = [
        f"{one.name} raises {error}"
        for one in public_functions()
        for error in sorted(errors_of_ours(one.function))
        if not any(f"`{name}`" in one.said for name in bases(error))
    ]
    assert not untold


@pytest.mark.parametrize(
    ("statement", "told"), [("raise Rejected('')", {"Rejected"}), ("raise", set()), ("raise error", set())]
)
def test_an_error_is_told_from_one_that_is_passed_on(statement: str, told: set[str]) -> None:
    assert errors_of_ours(ast.parse(statement)) == told
