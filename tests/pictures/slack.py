"""Block Kit as HTML, laid out as Slack does (docs.slack.dev/reference/block-kit, and its clients)."""

from collections.abc import Callable

from tests.pictures.markup import Json, div, picture, span, tag, text, unknown
from tests.pictures.slack_elements import element
from tests.pictures.slack_text import markdown, mrkdwn, plain, rich_text

SIGNS = {"complete": "✓", "in_progress": "", "error": "!", "pending": ""}


def message(content: Json) -> str:
    """The body of a message: blocks, else its text; then attachments and files."""
    shown = [blocks(content["blocks"])] if content.get("blocks") else [div("said", mrkdwn(content.get("text", "")))]
    shown += [_attachment(one) for one in content.get("attachments") or ()]
    return "".join(shown + [_file(one) for one in content.get("files") or ()])


def modal(view: Json) -> str:
    """A view of type modal."""
    foot = [
        tag("button", plain(view[one]), css=css) for one, css in (("close", ""), ("submit", "primary")) if one in view
    ]
    head = div("modal-head", tag("b", plain(view["title"])), span("close", "✕"))
    return div("modal", head, div("modal-body", blocks(view["blocks"])), div("modal-foot", *foot))


def blocks(given: list[Json]) -> str:
    return "".join(div(f"block {one['type']}", _block(one)) for one in given)


def _block(given: Json) -> str:
    drawn = BLOCKS.get(given["type"])
    return drawn(given) if drawn else unknown(given["type"])


def _section(given: Json) -> str:
    fields = [div("cell", plain(one)) for one in given.get("fields") or ()]
    words = [plain(given["text"])] if given.get("text") else []
    body = div("section-body", *words, div("fields", *fields) if fields else "")
    return body + (div("accessory", element(given["accessory"])) if given.get("accessory") else "")


def _context(given: Json) -> str:
    return "".join(element(one) if one["type"] == "image" else span("", plain(one)) for one in given["elements"])


def _image(given: Json) -> str:
    title = div("hint", plain(given["title"])) if given.get("title") else ""
    return title + picture(given.get("image_url", ""), given["alt_text"])


def _input(given: Json) -> str:
    label = div("label", plain(given["label"]), span("hint", " (optional)") if given.get("optional") else "")
    return label + element(given["element"]) + (div("hint", plain(given["hint"])) if given.get("hint") else "")


def _table(given: Json) -> str:
    rows = (tag("tr", *(tag("td", _cell(cell)) for cell in row)) for row in given["rows"])
    return tag("table", *rows)


def _cell(given: Json) -> str:
    return rich_text(given) if given["type"] == "rich_text" else text(given["text"])


def _plan(given: Json) -> str:
    tasks = "".join(_task(one) for one in given.get("tasks") or ())
    return div("plan-head", tag("b", text(given["title"])), span("chevron", "⌄")) + div("plan-tasks", tasks)


def _task(given: Json) -> str:
    status = given.get("status", "pending")
    more = [div(one, rich_text(given[one])) for one in ("details", "output") if given.get(one)]
    sources = [tag("a", text(one["text"]), href=one["url"]) for one in given.get("sources") or ()]
    body = div("task-body", text(given["title"]), *more, div("sources", *sources) if sources else "")
    return div("task", span(f"sign {status}", SIGNS[status]), body)


def _container(given: Json) -> str:
    title = div("plan-head", tag("b", text(given["title"])), span("chevron", "⌄")) if given.get("title") else ""
    return title + blocks(given["child_blocks"])


def _attachment(given: Json) -> str:
    colour = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}.get(given.get("color", ""))
    bar = span("bar", style=f"background:{colour or given.get('color', '#ddd')}")
    words = [tag("b", text(given["title"]))] if given.get("title") else []
    words += [div("", mrkdwn(given["text"]))] if given.get("text") else []
    return div("attachment", bar, div("", *words, blocks(given.get("blocks") or [])))


def _file(given: Json) -> str:
    name, kind = (
        given.get("name") or given.get("title") or "file",
        given.get("pretty_type") or given.get("mimetype", ""),
    )
    if str(given.get("mimetype", "")).startswith("image/"):
        return div("hint", text(name)) + picture("", name)
    return div("file", span("file-sign", "▤"), span("", tag("b", text(name)), div("hint", text(kind))))


BLOCKS: dict[str, Callable[[Json], str]] = {
    "section": _section,
    "header": lambda given: plain(given["text"]),
    "divider": lambda given: tag("hr"),
    "context": _context,
    "actions": lambda given: "".join(map(element, given["elements"])),
    "context_actions": lambda given: "".join(map(element, given["elements"])),
    "rich_text": rich_text,
    "markdown": lambda given: markdown(given["text"]),
    "image": _image,
    "input": _input,
    "table": _table,
    "plan": _plan,
    "task_card": _task,
    "container": _container,
    "file": lambda given: _file({"name": given.get("external_id")}),
}
