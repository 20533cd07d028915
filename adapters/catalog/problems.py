"""What is wrong with a configuration, in sentences for the person who wrote it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from threadwork.adapters.catalog.duration import SYNTAX, seconds
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.values import preview

COMPARED, LISTED = 100, 30  # names that a misspelt one is compared with, and that are listed
MAX_KEY = 80  # characters of a name that are looked at
Path = tuple[str | int, ...]
Problem = tuple[Path, str]
SECRETS = frozenset({"api_key", "webhook", "extra_headers"})  # keys whose values stand in no message


class ConfigError(ThreadworkError):
    """The configuration cannot be used. `problems`: one line each, `file:line: key: what is wrong`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def dotted(path: Path) -> str:
    """`agents.default.tools.allow[0]`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def choice(wrong: str, names: Iterable[str], what: str = "there are") -> str:
    """`; did you mean "notes"? There are: git, notes`"""
    known = sorted(names)
    if not known:
        return "; none exist"
    close = get_close_matches(wrong[:MAX_KEY], known[:COMPARED], 1)
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    rest = f"{what}: {', '.join(preview(name, MAX_KEY) for name in known[:LISTED])}{more}"
    return f'; did you mean "{close[0]}"? {rest[0].upper()}{rest[1:]}' if close else f"; {rest}"


def shape_problems(error: ValidationError, shape: type[BaseModel]) -> list[Problem]:
    """A path and a sentence for each mistake that pydantic found."""
    return [_problem(detail, shape) for detail in error.errors()]


def _problem(detail: ErrorDetails, shape: type[BaseModel]) -> Problem:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    shown = "" if SECRETS.intersection(path) else _shown(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            return path, "unknown key" + choice(str(path[-1]), _keys(shape, path[:-1]), "allowed")
        case "missing":
            return path, "is required"
        case "value_error":
            return path, f"{detail['ctx']['error']}{shown}"
        case _:
            return path, f"must be {_expected(_at(shape, path))}{shown}"


def _shown(value: Any) -> str:
    """The value as it was written; what is long or nested says enough by its place."""
    match value:
        case None | [] | "":
            return " (is empty)"
        case bool():
            return f" (is {str(value).lower()})"
        case str():
            return f' (is "{value}")' if len(value) <= 60 else ""
        case list():
            return " (is a list)"
        case dict():
            return " (is a mapping)"
        case _:
            return f" (is {value})" if len(str(value)) <= 60 else ""


def _at(annotation: Any, path: Path) -> list[Any]:
    """The annotation that a path leads to, and the metadata that bound it."""
    bounds: list[Any] = []
    for step in (*path, None):
        annotation, bounds = _bare(annotation, bounds)
        if step is None:
            break
        arguments = get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields[str(step)]
            annotation, bounds = field.annotation, list(field.metadata)
        else:
            annotation, bounds = arguments[0] if isinstance(step, int) else arguments[-1], []
    return [annotation, *bounds]


def _bare(annotation: Any, bounds: list[Any]) -> tuple[Any, list[Any]]:
    """Without `| None` and `Annotated`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        first, *rest = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation, bounds = first, [*bounds, *rest]
        else:
            annotation = next(kind for kind in (first, *rest) if kind is not NoneType)
    return annotation, bounds


def _keys(shape: type[BaseModel], path: Path) -> Iterable[str]:
    found: Any = _at(shape, path)[0]
    return list(found.model_fields)


_NOUNS = {bool: "true or false", str: "a text", float: "a number", int: "a whole number", tuple: "a list"}


def _expected(found: list[Any]) -> str:
    """`a number of at least 0`, `a number from 0 to 2`"""
    annotation, *bounds = found
    if any(isinstance(bound, BeforeValidator) and bound.func is seconds for bound in bounds):
        return SYNTAX + ", above 0, at most a year"
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(get_args(annotation))
    noun = _NOUNS.get(get_origin(annotation) or annotation, "a mapping of keys to values")
    said = "".join(_bound(bound) for bound in _flat(bounds))
    return noun + re.sub(r"of at least (\S+), at most", r"from \1 to", said)


def _flat(bounds: list[Any]) -> Iterable[Any]:
    for bound in bounds:
        yield from getattr(bound, "metadata", (bound,))


def _bound(bound: Any) -> str:
    match bound:
        case annotated_types.Ge():
            return f" of at least {bound.ge}"
        case annotated_types.Le():
            return f", at most {bound.le:,}"
        case annotated_types.Gt():
            return f" above {bound.gt}"
        case annotated_types.MinLen():
            return ", not empty"
        case _:
            return ""
