"""The JSON Schema of `threadwork.yaml`."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from threadwork.adapters.catalog.shape import CatalogShape
from threadwork.bot.reference.comments import comment

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """What editors check while the file is written. It takes no key that the file may not have; what parts say of one
    another is checked by `threadwork doctor`."""
    made = CatalogShape.model_json_schema()
    shapes = {shape.__name__: shape for shape in _below(CatalogShape)}
    for name, body in (*made["$defs"].items(), ("CatalogShape", made)):
        _close(body, shapes[name])
    for body in made["properties"].values():  # a heading with nothing under it is as good as none
        _or_nothing(body)
    _or_nothing(made["properties"]["agents"]["anyOf"][0]["additionalProperties"])
    return {"$schema": DIALECT, **made, "title": "threadwork.yaml"}


def _close(body: dict[str, Any], shape: type[BaseModel]) -> None:
    body["additionalProperties"] = False
    body.pop("title", None)
    for field, said in body["properties"].items():
        said.pop("title", None)
        if told := comment(shape, field):
            said["description"] = told


def _or_nothing(body: dict[str, Any]) -> None:
    outside: dict[str, Any] = {key: body.pop(key) for key in ("description", "default") if key in body}
    inside = dict(body)
    body.clear()
    body["anyOf"] = [inside, {"type": "null"}]
    body.update(outside)


def _below(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The shape, and those of its parts."""
    yield shape
    for field in shape.model_fields.values():
        for part in parts(field.annotation):
            yield from _below(part)


def parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """Shapes that a kind of value is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from parts(inner)
