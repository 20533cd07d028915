"""`docs/configuration.md`: every key of `threadwork.yaml` and every variable, as tables."""

from collections.abc import Iterator
from typing import Any, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from threadwork.adapters.catalog.shape import CatalogShape
from threadwork.bot.reference.comments import comment
from threadwork.bot.reference.schema import parts, schema
from threadwork.bot.settings import Settings
from threadwork.workflows.platform_registry import PLATFORMS

PLATFORM_PAGES = ", ".join(f"[{row.name}.md]({row.name}.md)" for row in PLATFORMS)
HEAD = f"""# Configuration

Made by `make reference` from the shapes that check it; change those, not this page. `threadwork config schema` prints a
JSON Schema for editors: keep it beside the file, and name it in the file's first line.

```sh
threadwork config schema > threadwork.schema.json
sed -i '1i # yaml-language-server: $schema=threadwork.schema.json' threadwork.yaml
```

`threadwork doctor` says what is wrong in a file, by line. What the parts are for is told in [models.md](models.md),
[tools.md](tools.md), {PLATFORM_PAGES} and [security.md](security.md).

## threadwork.yaml

The file is looked for in the working directory (`THREADWORK_CONFIG`). Lengths of time are written as `90s`, `15m`,
`2h` or `1d`, or as a number of seconds. `${{VAR}}` is filled in from the environment and `.env`.
"""
VARIABLES = """## Variables

From the environment, else from `.env` in the working directory; an empty one counts as left out. Keys of models have
the names that LiteLLM gives them, such as `OPENAI_API_KEY`.
"""
GROUPS = {
    "THREADWORK_": "Threadwork",
    "TEMPORAL_": "Temporal",
    **{f"{row.name.upper()}_": row.title for row in PLATFORMS},
    "": "Storage",
}
OTHERS = {  # read where there are no settings yet
    "THREADWORK_TRACEBACK": "set: where a mistake of ours is, is told in full",
    "THREADWORK_READY_FILE": "a file that a process makes once it can be used; for whoever starts it",
}
SECTION = "| key | value | left out | |\n|---|---|---|---|"
GROUP = "| variable | left out | |\n|---|---|---|"


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, *_sections(), VARIABLES, *_groups()])


# --- the file ----------------------------------------------------------------------------------------------


def _sections() -> Iterator[str]:
    definitions = schema()["$defs"]
    top = [(name, field) for name, field in CatalogShape.model_fields.items() if not list(parts(field.annotation))]
    yield from _section("the file itself", CatalogShape, schema()["properties"], {name for name, _ in top})
    for path, shape in _paths(CatalogShape, ""):
        yield from _section(f"`{path}`", shape, definitions[shape.__name__]["properties"], set(shape.model_fields))


def _section(title: str, shape: type[BaseModel], said: dict[str, Any], fields: set[str]) -> Iterator[str]:
    yield f"### {title}\n\n{SECTION}"
    for name, field in shape.model_fields.items():
        if name in fields:
            default = "needed" if field.is_required() else _default(field)
            yield f"| `{name}` | {_cell(_kind(said[name]))} | {default} | {_cell(comment(shape, name))} |"
    yield ""


def _paths(shape: type[BaseModel], above: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """Each part of the file with its address in it, in the order of the shape."""
    for name, field in shape.model_fields.items():
        for part in parts(field.annotation):
            inside = f"{above}{name}{_several(field)}"
            yield inside, part
            yield from _paths(part, f"{inside}.")


def _several(field: FieldInfo) -> str:
    origin = get_origin(field.annotation)
    return ".<name>" if origin is dict else "[]" if origin is tuple else ""


def _kind(said: dict[str, Any]) -> str:
    """A value of the schema in a few words."""
    choices = [one for one in said.get("anyOf", ()) if one.get("type") != "null"]
    if choices:
        is_time = [one.get("type") for one in choices] == ["number", "string"]
        return "a length of time" if is_time else " or ".join(map(_kind, choices))
    if "enum" in said:
        return ", ".join(
            f"`{'off' if one is False else one}`" for one in dict.fromkeys(said["enum"]) if one is not False
        )
    if "$ref" in said:
        return "see below"
    return _plain(said)


def _plain(said: dict[str, Any]) -> str:
    kind = said.get("type")
    if kind == "array":
        return f"list of: {_kind(said.get('items', {}))}"
    if kind == "object":
        inner = said.get("additionalProperties")
        return f"by name: {_kind(inner)}" if isinstance(inner, dict) else "mapping"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true`, `false`"}
    return words.get(kind, "anything") if isinstance(kind, str) else "id" if kind else "anything"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}, "") or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


# --- variables -----------------------------------------------------------------------------------------------


def _groups() -> Iterator[str]:
    names = [name.upper() for name in Settings.model_fields]
    for prefix, title in GROUPS.items():
        yield f"### {title}\n\n{GROUP}"
        yield from (_variable(name) for name in names if _group(name) == prefix)
        yield from (f"| `{name}` | | {said} |" for name, said in OTHERS.items() if _group(name) == prefix)
        yield ""


def _group(variable: str) -> str:
    return next(prefix for prefix in GROUPS if variable.startswith(prefix))


def _variable(name: str) -> str:
    field = Settings.model_fields[name.lower()]
    default = "" if isinstance(field.default, SecretStr) else _default(field)
    return f"| `{name}` | {default} | {_cell(comment(Settings, name.lower()))} |"


def _cell(said: str) -> str:
    return said.replace("|", "\\|")
