"""YAML text as plain data that remembers its lines."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import Composer

Path = tuple[str | int, ...]  # ("agents", "default", "tools", "allow", 0)


SIZE = 1_000_000  # characters of a document
SLOWLY = 30_000  # characters up to which a mistake is looked into by the slow loader
VALUES = 10_000  # things that are read of it, what aliases repeat counted anew
DEPTH = 50  # of things in one another
TOO_LARGE = f"is too large; at most {SIZE:,} characters are read"
TOO_MANY = f"has too many values; at most {VALUES:,} are read, and an alias counts each time it is used"
TOO_DEEP = f"is nested too deeply; at most {DEPTH} levels are read"
UNFIT = "holds a character that is not allowed in text (NUL, or half of a surrogate pair)"


class _Beyond(yaml.MarkedYAMLError):
    """A bound was passed: nothing more is read."""


class _Bounded:
    """Scalars as in YAML 1.2: `on`, `yes` and 012 stay texts, so that `on:` is a key and ids keep their zeros.

    Nodes are made here whoever parses, so that a file that passes a bound is read no further."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # filled below, as PyYAML does
    get_single_node = Composer.get_single_node
    compose_document = Composer.compose_document
    compose_scalar_node = Composer.compose_scalar_node
    compose_sequence_node = Composer.compose_sequence_node
    compose_mapping_node = Composer.compose_mapping_node

    def __init__(self, text: str) -> None:
        super().__init__(text)  # type: ignore[call-arg]
        self.anchors: dict[str, yaml.Node] = {}
        self._nodes = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._nodes, self._depth = self._nodes + 1, self._depth + 1
        if self._nodes > 2 * VALUES or self._depth > DEPTH + 2:  # keys are nodes too
            mark = self.peek_event().start_mark  # type: ignore[attr-defined]
            raise _Beyond(problem=TOO_MANY if self._nodes > 2 * VALUES else TOO_DEEP, problem_mark=mark)
        node: yaml.Node | None = Composer.compose_node(self, parent, index)  # type: ignore[arg-type]
        self._depth -= 1
        return node


class _Loader(_Bounded, yaml.SafeLoader):
    """Slow, and exact in what it says of mistakes."""


class _FastLoader(_Bounded, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """By libyaml where it is there. It does not join the two escapes by which JSON writes some characters."""


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", ("n", "N", "~", "")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+.0123456789"),
    ("merge", "<<", "<"),
):
    for _loader in (_Loader, _FastLoader):
        _loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^({_pattern})$"), list(_first))

_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq"))


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

    `problems` are (line, sentence): broken syntax, duplicate keys, tags we do not know, more than is read.
    `empty` are the paths of keys with nothing behind them."""

    def __init__(self, text: str) -> None:
        self.data: Any = None
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[tuple[int, str]] = []
        self.empty: list[Path] = []
        self._values = 0
        self._open: set[int] = set()  # nodes we are inside of: an alias to one of them has no end
        try:
            node = _composed(text)
            self.data = None if node is None else self._value(node, ())
        except _Beyond as error:
            self.problems.append((error.problem_mark.line + 1 if error.problem_mark else 1, str(error.problem)))
        except yaml.YAMLError as error:
            self.problems.append(_syntax(error, text))
        except RecursionError:
            self.problems.append((1, TOO_DEEP))
        except UnicodeEncodeError as error:
            self.problems.append((text.count("\n", 0, error.start) + 1, UNFIT))

    def line(self, path: Path) -> int:
        """Where a path stands, or the nearest thing around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._values += 1
        if self._values > VALUES:
            raise _Beyond(problem=TOO_MANY, problem_mark=node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            if not node.value and not node.style:
                self.empty.append(path)
            return self._scalar(node)
        if node.tag not in _PLAIN:
            self._problem(node, f"the tag {node.tag[:60]} means nothing here")
        if len(path) > DEPTH:
            return self._problem(node, TOO_DEEP)
        if id(node) in self._open:
            return self._problem(node, "an alias refers to a value that contains it")
        self._open.add(id(node))
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        self._open.discard(id(node))
        return value

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        read = _SCALARS.get(node.tag)
        if read is None:
            return self._problem(node, f"the tag {node.tag[:60]} means nothing here")
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
                self._problem(key_node, f"{_dotted((*path, key))} is given twice, first on line {first[key]}")
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
            elif key.tag not in _SCALARS and key.tag != "tag:yaml.org,2002:merge":
                self._problem(key, f"the tag {key.tag[:60]} means nothing here")
            elif key.tag != "tag:yaml.org,2002:merge":
                yield key, value

    def _merged(self, node: yaml.MappingNode, path: Path, mapping: dict[str, Any]) -> dict[str, Any]:
        """What `<<: *other` brings in stands below the mapping's own keys."""
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                below = self._value(value, path)
                for layer in below if isinstance(below, list) else [below]:
                    if isinstance(layer, dict):
                        merged |= {k: v for k, v in layer.items() if k not in merged}
                    else:
                        self._problem(value, '"<<" can only merge mappings')
        return {**merged, **mapping}

    def _problem(self, node: yaml.Node, sentence: str) -> None:
        self.problems.append((node.start_mark.line + 1, sentence))


def _composed(text: str) -> yaml.Node | None:
    """Raises `yaml.YAMLError`."""
    if len(text) > SIZE:
        raise _Beyond(problem=TOO_LARGE)
    try:
        return _read(_FastLoader(text))
    except _Beyond:
        raise
    except (yaml.YAMLError, UnicodeEncodeError):
        if len(text) > SLOWLY:
            raise
    return _read(_Loader(text))


def _read(loader: Any) -> yaml.Node | None:
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


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
