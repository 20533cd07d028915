"""What Slack takes for blocks and views: the SDK's own rules, and the limits it does not check.

Sizes are those of docs.slack.dev/reference/block-kit; the total of a message is known from people's reports only."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

Surface = Literal["message", "modal", "home"]
Json = dict[str, Any]

MOST = {"message": 50, "modal": 100, "home": 100}
ADVISED, TOTAL = 12_000, 13_200  # characters of text in all blocks of a message
MARKDOWN = 12_000  # characters in all markdown blocks of a message
ID = 255
VIEW_BYTES = 250_000
TEXT = 40_000  # characters of a message's text
ONLY_MESSAGES = {"markdown", "context_actions", "task_card", "plan", "table"}
ONLY_MODALS = {"file_input"}
INTERACTIVE = {"button", "overflow", "feedback_buttons", "icon_button", "workflow_button", "checkboxes"}
logging.getLogger("slack_sdk.models").setLevel(logging.CRITICAL)  # what it warns of is a violation here


def problems(blocks: Any, surface: Surface) -> list[str]:
    """Sentences that say what is wrong with blocks; empty: nothing."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["Blocks must be a list of objects."]
    found = [f"{len(blocks)} blocks, a {surface} takes {MOST[surface]}."] if len(blocks) > MOST[surface] else []
    for block in blocks:
        found += _sdk(block) or [*_limits(block, surface)]
    return [*found, *_doubles(blocks), *_markdown(blocks)]


def view_problems(view: Any) -> list[str]:
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["A view is an object of type modal or home."]
    known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    modal = {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
    allowed = known | modal if view["type"] == "modal" else known
    found = [f"A {view['type']} has no field {name}." for name in sorted(view.keys() - allowed)]
    found += [
        f"{name} has {len(_plain(view[name]))} characters, it takes 24 of plain text."
        for name in ("title", "submit", "close")
        if view.get(name) and not (0 < len(_plain(view[name])) <= 24)
    ]
    if view["type"] == "modal":
        found += [] if view.get("title") else ["A modal needs a title."]
        inputs = any(block.get("type") == "input" for block in view.get("blocks") or ())
        found += ["A modal with inputs needs a submit button."] if inputs and not view.get("submit") else []
    sizes = {"private_metadata": 3_000, "callback_id": ID, "external_id": ID}
    found += [f"{name} is over {size}." for name, size in sizes.items() if len(view.get(name) or "") > size]
    return [*found, *problems(view.get("blocks"), view["type"])]


def too_large(view: Any) -> bool:
    return len(json.dumps(view).encode()) > VIEW_BYTES


def total(blocks: list[Json]) -> int:
    """Characters of text in all blocks."""
    return sum(len(text) for block in blocks for text in texts(block))


def texts(node: Any) -> Iterator[str]:
    """Every text of a block, as it stands there."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if name in ("text", "title", "markdown_text") and isinstance(value, str):
            yield value
        else:
            yield from texts(value)
    for value in node if isinstance(node, list) else ():
        yield from texts(value)


def nodes(node: Any) -> Iterator[Json]:
    """Every object inside a block, itself first."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(value)


def _sdk(block: Json) -> list[str]:
    """What the SDK's models say, and what they would drop."""
    kind = block.get("type")
    try:
        parsed = Block.parse(dict(block))
        if parsed is None:
            return [f"There is no block of type {kind!r}."]
        kept = json.loads(json.dumps(parsed.to_dict()))
    except SlackObjectFormationError as error:
        return [f"{kind}: {error}."]
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        return [f"{kind}: malformed ({error})."]
    return [f"{kind}: {path} is unknown or malformed." for path in _lost(block, kept)]


def _lost(given: Any, kept: Any, path: str = "") -> Iterator[str]:
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            where = f"{path}.{name}" if path else name
            if name not in kept:
                yield from [where] if value or (value == 0 and value is not False) else []
            else:
                yield from _lost(value, kept[name], where)
    elif isinstance(given, list) and isinstance(kept, list):
        if len(given) != len(kept):
            yield path
        for number, (one, other) in enumerate(zip(given, kept, strict=False)):
            yield from _lost(one, other, f"{path}[{number}]")


def _limits(block: Json, surface: Surface) -> Iterator[str]:
    kind = str(block.get("type"))
    if surface != "message" and kind in ONLY_MESSAGES:
        yield f"A {kind} block is for messages only."
    if check := CHECKS.get(kind):
        yield from check(block)
    for node in nodes(block):
        yield from _node(node, surface)


def _node(node: Json, surface: Surface) -> Iterator[str]:
    kind = node.get("type")
    for name in ("action_id", "block_id"):
        if len(node.get(name) or "") > ID:
            yield f"{name} is over {ID} characters."
    if kind in ONLY_MODALS and surface != "modal":
        yield f"{kind} is for modals only."
    if kind in ("mrkdwn", "plain_text") and not str(node.get("text") or ""):
        yield "A text must have at least one character."
    if kind == "button" and not _plain(node.get("text")):
        yield "A button's text must be plain text and not empty."
    options = node.get("options") or ()
    if len(options) > (100 if "select" in str(kind) else 5 if kind == "overflow" else 10):
        yield f"{kind} has {len(options)} options."
    for option in options if kind else ():
        if len(_any(option.get("text"))) > 75 or len(option.get("value") or "") > 150:
            yield f"{kind}: an option's text takes 75 characters and its value 150."
    if kind == "plain_text_input":
        yield from _typed(node)


def _typed(node: Json) -> Iterator[str]:
    most = node.get("max_length") or 3_000
    if most > 3_000 or len(node.get("initial_value") or "") > most:
        yield f"plain_text_input takes at most {min(most, 3_000)} characters."
    if len(_plain(node.get("placeholder") or {})) > 150:
        yield "A placeholder takes 150 characters."


def _section(block: Json) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "A section needs a text or fields."
    fields = block.get("fields") or ()
    if len(fields) > 10 or any(len(_any(field)) > 2_000 for field in fields):
        yield "A section takes 10 fields of 2,000 characters."
    if len(_any(block.get("text"))) > 3_000:
        yield "A section's text takes 3,000 characters."


def _header(block: Json) -> Iterator[str]:
    if not 0 < len(_plain(block.get("text"))) <= 150:
        yield "A header takes 1 to 150 characters of plain text."


def _at_most(most: int) -> Callable[[Json], Iterator[str]]:
    def check(block: Json) -> Iterator[str]:
        if not 0 < len(block.get("elements") or ()) <= most:
            yield f"{block['type']} takes 1 to {most} elements, not {len(block.get('elements') or ())}."

    return check


def _input(block: Json) -> Iterator[str]:
    if not 0 < len(_plain(block.get("label"))) <= 2_000 or len(_plain(block.get("hint") or {})) > 2_000:
        yield "An input's label and hint take 2,000 characters of plain text."


def _table(block: Json) -> Iterator[str]:
    rows = block.get("rows") or ()
    if len(rows) > 100 or any(len(row) > 20 for row in rows):
        yield "A table takes 100 rows of 20 cells."


def _plan(block: Json) -> Iterator[str]:
    tasks = block.get("tasks") or ()
    if not 0 < len(tasks) <= 50:
        yield f"A plan takes 1 to 50 tasks, not {len(tasks)}."
    if not isinstance(block.get("title"), str) or any(not task.get("title") for task in tasks):
        yield "A plan and its tasks need titles, each a string."
    if wrong := {str(task.get("status")) for task in tasks} - {"pending", "in_progress", "complete", "error"}:
        yield f"A task is never {', '.join(sorted(wrong))}."
    if len({task.get("task_id") for task in tasks}) < len(tasks):
        yield "A plan has two tasks of one task_id."
    for task in tasks:
        yield from _sdk({"type": "task_card", **task})


CHECKS: dict[str, Callable[[Json], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "actions": _at_most(25),
    "context": _at_most(10),
    "context_actions": _at_most(5),
    "input": _input,
    "table": _table,
    "plan": _plan,
}


def _doubles(blocks: list[Json]) -> list[str]:
    """Ids that are not unique in a message or view; inputs carry theirs inside."""
    found = [node for block in blocks for node in nodes(block)]
    counts = {name: Counter(node[name] for node in found if node.get(name)) for name in ("action_id", "block_id")}
    return [f"{name} {id_!r} is used {n} times." for name, ids in counts.items() for id_, n in ids.items() if n > 1]


def _markdown(blocks: list[Json]) -> list[str]:
    size = sum(len(block.get("text") or "") for block in blocks if block.get("type") == "markdown")
    return [f"{size} characters in markdown blocks, a message takes {MARKDOWN}."] if size > MARKDOWN else []


def _any(text: Any) -> str:
    return str(text.get("text") or "") if isinstance(text, dict) else ""


def _plain(text: Any) -> str:
    """Empty where it is no plain text."""
    return _any(text) if isinstance(text, dict) and text.get("type") == "plain_text" else ""
