"""YAML text as plain data that remembers its lines."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

Path = tuple[str | int, ...]  # ("agents", "default", "tools", "allow", 0)


class _Loader(yaml.SafeLoader):
    """Scalars as in YAML 1.2: `on`, `yes` and 012 stay texts, so that `on:` is a key and ids keep their zeros."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # filled below, as PyYAML does


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", ("n", "N", "~", "")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+.0123456789"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^({_pattern})$"), list(_first))

DEPTH = 50  # of things in one another
TOO_DEEP = f"is nested too deeply; at most {DEPTH} levels are read"
UNFIT = "holds a character that no text can hold (NUL, or half of a pair)"


def _text(written: str) -> str:
    """JSON writes some characters as two escapes, which belong together. Raises ValueError for one alone, and NUL."""
    if "\0" in written:
        raise ValueError(UNFIT)
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


_SCALARS: dict[str, Any] = {
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": _text,
}


class YamlSource:
    """The data of one document, the line (from 1) of every path in it, and what is wrong with its form.

    `problems` are (line, sentence): broken syntax, duplicate keys, tags we do not know."""

    def __init__(self, text: str) -> None:
        self.data: Any = None
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[tuple[int, str]] = []
        self._open: set[int] = set()  # nodes we are inside of: an alias to one of them has no end
        try:
            node = yaml.compose(text, Loader=_Loader)
            self.data = None if node is None else self._value(node, ())
        except yaml.YAMLError as error:
            self.problems.append(_syntax(error, text))
        except RecursionError:
            self.problems.append((1, TOO_DEEP))

    def line(self, path: Path) -> int:
        """Where a path stands, or the nearest thing around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if len(path) > DEPTH:
            return self._problem(node, TOO_DEEP)
        if id(node) in self._open:
            return self._problem(node, "an alias refers to the very thing it stands in")
        self._open.add(id(node))
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self._open.discard(id(node))
        return value

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        read = _SCALARS.get(node.tag)
        if read is None:
            return self._problem(node, f"the tag {node.tag} means nothing here")
        try:
            return read(node.value)
        except ValueError:
            return self._problem(
                node, UNFIT if read is _text else f"is not a number that can be used: {node.value[:20]}…"
            )

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self.lines[*path, index] = item.start_mark.line + 1
            values.append(self._value(item, (*path, index)))
        return values

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in self._pairs(node):
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in first:
                self._problem(key_node, f"{_dotted((*path, key))} is given twice, first in line {first[key]}")
                continue
            first[key] = line
            self.lines[*path, key] = line
            mapping[key] = self._value(value_node, (*path, key))
        return self._merged(node, path, mapping)

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, "a key must be a word")
            elif not _is_text(key.value):
                self._problem(key, UNFIT)
            elif key.tag != "tag:yaml.org,2002:merge":
                yield key, value

    def _merged(self, node: yaml.MappingNode, path: Path, mapping: dict[str, Any]) -> dict[str, Any]:
        """What `<<: *other` brings in stands below the mapping's own keys."""
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                below = self._value(value, path)
                for layer in below if isinstance(below, list) else [below]:
                    mapping = {**layer, **mapping} if isinstance(layer, dict) else mapping
        return mapping

    def _problem(self, node: yaml.Node, sentence: str) -> None:
        self.problems.append((node.start_mark.line + 1, sentence))


def _is_text(written: str) -> bool:
    try:
        return _text(written) == written
    except ValueError:
        return False


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


def _syntax(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML does not allow
        position = getattr(error, "position", 0)
        return text.count("\n", 0, position) + 1, f"not YAML: {getattr(error, 'reason', error)}"
    return mark.line + 1, f"not YAML: {getattr(error, 'problem', None) or error}"
