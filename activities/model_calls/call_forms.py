"""The forms in which models write calls as text, where their server has no parser for them.

A text is read as calls only where it holds nothing else."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

BLANK = re.compile(r"[\s,;]*")
END_TOKENS = ("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|call|>", "<|return|>", "<|endoftext|>", "</s>")
FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)\n?```", re.DOTALL)
TOOL_NAME = r"[^\s<>{}\[\]|｜\"'=]{1,200}"
HARMONY = r"(?:<\|start\|>)?(?:assistant)?\s*+(?:<\|channel\|>)?(?:commentary|analysis)?\s*+"
KEYS = frozenset({"name", "arguments", "parameters", "id", "type"})
READ = json.JSONDecoder()


class NoCall(ValueError):
    """The text is something else, or has something else in it."""


@dataclass(frozen=True)
class Written:
    """A call as it stands in a text."""

    name: str
    arguments: dict[str, Any]
    block: str  # the call itself, without what is around it
    typed: bool = True  # False: the values are texts, whatever they stand for


class Reader:
    """A text, read from its beginning to its end. Raises `NoCall`."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    @property
    def done(self) -> bool:
        self.skip(BLANK)
        return self.at == len(self.text)

    def skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return found

    def expect(self, pattern: str) -> re.Match[str]:
        """Blanks before it are passed over."""
        if found := self.skip(re.compile(r"\s*" + pattern, re.DOTALL)):
            return found
        raise NoCall

    def value(self) -> Any:
        """The JSON value that comes next. Raises `NoCall` where there is none."""
        self.skip(BLANK)
        try:
            found, self.at = READ.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            raise NoCall from None
        return found

    def since(self, start: int) -> str:
        return self.text[start : self.at]


def calls_in(text: str) -> list[Written]:
    """The calls that a text consists of; empty where it is anything else."""
    bare = text.strip()
    for _ in range(3):  # more of them stand behind no answer
        bare = next((bare.removesuffix(end).rstrip() for end in END_TOKENS if bare.endswith(end)), bare)
    if fenced := FENCE.fullmatch(bare):
        bare = fenced[1].strip()
    for opening, form in CALL_FORMS:
        if opening.match(bare):
            try:
                return list(form(Reader(bare)))
            except NoCall:
                return []
    return []


def _tagged(reader: Reader) -> Iterator[Written]:
    """Hermes and Qwen; Qwen3-Coder and GLM use the same tag for other things."""
    while not reader.done:
        reader.expect("<tool_call>")
        yield from _inside(reader)
        reader.expect("</tool_call>")


def _inside(reader: Reader) -> Iterator[Written]:
    reader.skip(BLANK)
    if reader.text.startswith("{", reader.at):
        yield from _json(reader)
    elif reader.text.startswith("<function=", reader.at):
        yield _function(reader)
    else:
        start = reader.at
        name = reader.expect(f"({TOOL_NAME})")[1]
        given = _pairs(reader, r"<arg_key>([^<]*)</arg_key>\s*<arg_value>(.*?)</arg_value>")
        yield Written(name, given, reader.since(start).strip(), typed=False)


def _functions(reader: Reader) -> Iterator[Written]:
    while not reader.done:
        yield _function(reader)


def _function(reader: Reader) -> Written:
    """Qwen3-Coder, and Llama with JSON in it."""
    start = reader.at
    name = reader.expect(rf"<function=({TOOL_NAME})>")[1]
    reader.skip(BLANK)
    is_json = reader.text.startswith("{", reader.at)
    parameter = rf"<parameter=({TOOL_NAME})>\n?(.*?)\n?</parameter>"
    given = _object(reader.value()) if is_json else _pairs(reader, parameter)
    reader.expect("</function>")
    return Written(name, given, reader.since(start).strip(), typed=is_json)


def _invoked(reader: Reader) -> Iterator[Written]:
    """Anthropic's form, which others took over."""
    around = reader.expect(r"(?:<((?:\w+:)?(?:function_calls|tool_call))>)?")[1]
    while not reader.done and not (around and reader.text.startswith(f"</{around}", reader.at)):
        start = reader.at
        name = reader.expect(rf'<invoke name="({TOOL_NAME})">')[1]
        given = _pairs(reader, rf'<parameter name="({TOOL_NAME})">(.*?)</parameter>')
        reader.expect("</invoke>")
        yield Written(name, given, reader.since(start).strip(), typed=False)
    if around:
        reader.expect(f"</{around}>")
    _end(reader)


def _mistral(reader: Reader) -> Iterator[Written]:
    while not reader.done:
        reader.expect(r"\[TOOL_CALLS\]")
        reader.skip(BLANK)
        if reader.text.startswith(("[", "{"), reader.at):
            yield from _json(reader)
            continue
        start = reader.at
        name = reader.expect(rf"({TOOL_NAME})(?:\[CALL_ID\]\w+)?\s*(?:\[ARGS\])?")[1]
        yield Written(name, _object(reader.value()), reader.since(start))


def _python_tag(reader: Reader) -> Iterator[Written]:
    while not reader.done:
        reader.expect(r"(?:<\|python_tag\|>)?")
        yield from _json(reader)


def _kimi(reader: Reader) -> Iterator[Written]:
    reader.expect(r"<\|tool_calls_section_begin\|>")
    while not reader.skip(re.compile(r"\s*<\|tool_calls_section_end\|>")):
        start = reader.expect(r"<\|tool_call_begin\|>").end()
        name = reader.expect(rf"({TOOL_NAME})\s*<\|tool_call_argument_begin\|>")[1]
        yield Written(name, _object(reader.value()), reader.since(start))
        reader.expect(r"<\|tool_call_end\|>")
    _end(reader)


def _deepseek(reader: Reader) -> Iterator[Written]:
    reader.expect("<｜tool▁calls▁begin｜>")
    while not reader.skip(re.compile(r"\s*<｜tool▁calls▁end｜>")):
        start = reader.expect("<｜tool▁call▁begin｜>").end()
        name = reader.expect(rf"(?:function<｜tool▁sep｜>)?({TOOL_NAME})\s*(?:<｜tool▁sep｜>)?\s*(?:```json)?")[1]
        yield Written(name, _object(reader.value()), reader.since(start))
        reader.expect("(?:```)?\\s*<｜tool▁call▁end｜>")
    _end(reader)


def _gpt_oss(reader: Reader) -> Iterator[Written]:
    header = rf"{HARMONY}to=({TOOL_NAME})\s*+(?:<\|channel\|>\s*+(?:commentary|analysis))?"
    while not reader.done:
        to = reader.expect(header)
        reader.expect(r"(?:code)?\s*(?:<\|constrain\|>)?\s*(?:json)?\s*(?:<\|message\|>)?")
        yield Written(to[1], _object(reader.value()), reader.since(to.start(1)))
        reader.expect(r"(?:<\|call\|>|<\|end\|>)?")


def _json(reader: Reader) -> Iterator[Written]:
    """One object, or a list of them."""
    reader.skip(BLANK)
    start = reader.at
    value = reader.value()
    if isinstance(value, list) and len(value) > 1:
        yield from (_named(call, json.dumps(call, ensure_ascii=False)) for call in value)
    else:
        yield _named(value[0] if isinstance(value, list) and value else value, reader.since(start).strip("[] "))


def _jsons(reader: Reader) -> Iterator[Written]:
    while not reader.done:
        yield from _json(reader)


def _named(value: Any, block: str) -> Written:
    if isinstance(value, dict) and isinstance(value.get("function"), dict) and value.keys() <= KEYS | {"function"}:
        value = value["function"]
    if not isinstance(value, dict) or not value.keys() <= KEYS or not isinstance(value.get("name"), str):
        raise NoCall
    given = [value[key] for key in ("arguments", "parameters") if key in value]
    if len(given) != 1:
        raise NoCall
    return Written(value["name"], _object(given[0]), block)


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = Reader(value).value()
    if not isinstance(value, dict):
        raise NoCall
    return value


def _pairs(reader: Reader, pattern: str) -> dict[str, Any]:
    pair, found = re.compile(r"\s*" + pattern, re.DOTALL), {}
    while one := reader.skip(pair):
        found[one[1].strip()] = one[2]
    return found


def _end(reader: Reader) -> None:
    if not reader.done:
        raise NoCall


CALL_FORMS: tuple[tuple[re.Pattern[str], Callable[[Reader], Iterator[Written]]], ...] = (
    (re.compile(r"<tool_call>"), _tagged),
    (re.compile(r"<function="), _functions),
    (re.compile(r"<(?:(?:\w+:)?(?:function_calls|tool_call)>\s*<)?invoke "), _invoked),
    (re.compile(r"\[TOOL_CALLS\]"), _mistral),
    (re.compile(r"<\|python_tag\|>"), _python_tag),
    (re.compile(r"<\|tool_calls_section_begin\|>"), _kimi),
    (re.compile(r"<｜tool▁calls▁begin｜>"), _deepseek),
    (re.compile(rf"{HARMONY}to="), _gpt_oss),
    (re.compile(r"[\[{]"), _jsons),
)
