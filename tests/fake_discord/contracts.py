"""Discord's published contract (OpenAPI): which operations there are, and which bodies and queries they take."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.fake_discord.answers import malformed

Json = dict[str, Any]
DOCUMENT: Json = json.loads(
    (Path(__file__).resolve().parents[1] / "contracts" / "discord" / "openapi.json").read_text()
)
# Forwards have come since 2024; the contract describes `message_snapshots`, and not yet the type that goes with them.
DOCUMENT["components"]["schemas"]["MessageReferenceType"] = {"type": "integer", "enum": [0, 1]}
ANSWERS, REQUESTS = "urn:answers", "urn:requests"


def _lenient() -> Json:
    """Discord reads ids that are numbers, as discord.py sends them, though the contract wants texts.

    `anyOf` ends at the first of components that differ by their type anyway: twice as fast."""
    ids = {"SnowflakeType": {**DOCUMENT["components"]["schemas"]["SnowflakeType"], "type": ["string", "integer"]}}
    components = {**DOCUMENT["components"], "schemas": {**DOCUMENT["components"]["schemas"], **ids}}
    lenient = {**DOCUMENT, "components": components}
    return dict(json.loads(json.dumps(lenient).replace('"oneOf":', '"anyOf":')))


REGISTRY: Registry[Any] = Registry().with_resources(
    (uri, DRAFT202012.create_resource(contents)) for uri, contents in ((ANSWERS, DOCUMENT), (REQUESTS, _lenient()))
)
VERBS = ("get", "post", "put", "patch", "delete")
SAID = 300  # characters of a problem
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Operation(NamedTuple):
    name: str  # such as "create_message"
    verb: str
    path: str  # template
    pattern: re.Pattern[str]


def _operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
        for verb in VERBS:
            if verb in item:
                yield Operation(item[verb]["operationId"], verb, path, pattern)


# Words before variables: `@me` and `@original` are paths of their own.
OPERATIONS = sorted(_operations(), key=lambda operation: operation.path.replace("{", "~"))


def found(verb: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation, and what stands in its path."""
    for operation in OPERATIONS:
        if operation.verb == verb.lower() and (match := operation.pattern.fullmatch(path)):
            return operation, match.groupdict()
    return None


def check_body(operation: Operation, body: Any) -> None:
    """Raises `Interrupted` for what breaks the contract."""
    content = _spec(operation).get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return
    where = ("requestBody", "content", "application/json", "schema")
    if problem := _problem(_pointer(REQUESTS, operation, *where), body):
        raise malformed(f"{operation.name}: {problem}")


def check_query(operation: Operation, query: dict[str, str]) -> None:
    known = {spec["name"]: spec["schema"] for spec in _parameters(operation) if spec["in"] == "query"}
    if unknown := sorted(query.keys() - known.keys()):
        raise malformed(f"{operation.name} knows no parameter {', '.join(unknown)}.")
    for name, written in query.items():
        validator = _validator(json.dumps(_absolute(known[name])))
        if not any(validator.is_valid(reading) for reading in _readings(written)):
            raise malformed(f"{operation.name}: {name} cannot be {written:.{SAID}}.")


def answers(operation: Operation) -> list[int]:
    """The statuses of success."""
    return [int(status) for status in _spec(operation)["responses"] if status.startswith("2")]


def answer_problem(operation: Operation, status: int, body: Any) -> str:
    """What the contract says against an answer; empty: nothing."""
    responses = _spec(operation)["responses"]
    if str(status) not in responses:
        return f"{status} is no answer of {operation.name}."
    if "application/json" not in responses[str(status)].get("content", {}):
        return "" if body is None else f"{operation.name} answers {status} without a body."
    return _problem(
        _pointer(ANSWERS, operation, "responses", str(status), "content", "application/json", "schema"), body
    )


def problem_of(schema: str, value: Any) -> str:
    """What the contract says against a thing of a kind; empty: nothing."""
    return _problem(f"{ANSWERS}#/components/schemas/{schema}", value)


def _problem(pointer: str, value: Any) -> str:
    error = best_match(_validator(json.dumps({"$ref": pointer})).iter_errors(value))
    return f"{_place(error)}: {error.message[:SAID]}" if error else ""


def _place(error: ValidationError) -> str:
    return ".".join(map(str, error.absolute_path)) or "body"


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), registry=REGISTRY)


def _spec(operation: Operation) -> Json:
    return dict(DOCUMENT["paths"][operation.path][operation.verb])


def _parameters(operation: Operation) -> list[Json]:
    shared = DOCUMENT["paths"][operation.path].get("parameters", [])
    return [*shared, *_spec(operation).get("parameters", [])]


def _pointer(uri: str, operation: Operation, *rest: str) -> str:
    steps = ("paths", operation.path, operation.verb, *rest)
    return f"{uri}#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps).replace(
        "{", "%7B"
    ).replace("}", "%7D")


def _absolute(schema: Any) -> Any:
    """References to the document, from outside of it."""
    return json.loads(json.dumps(schema).replace('"#/', f'"{REQUESTS}#/'))


def _readings(written: str) -> Iterator[Any]:
    """What a text of a query may stand for."""
    yield written
    if written.lower() in TRUTHS:
        yield TRUTHS[written.lower()]
    if re.fullmatch(r"-?\d{1,15}", written):
        yield int(written)
