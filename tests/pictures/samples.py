"""One of everything that can be drawn, beyond what our cards use today: the renderer is looked at by it."""

from collections.abc import Iterator
from typing import Any

from tests.pictures.markup import Json
from tests.pictures.page import Message, Platform


def words(said: str, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": said}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def task(title: str, status: str, **more: Any) -> Json:
    return {"type": "task_card", "task_id": title, "title": title, "status": status, **more}


OPTION = {"text": words("The team"), "value": "team"}
PICTURE = {"type": "image", "image_url": "https://example.com/chart.png", "alt_text": "A chart"}
TASKS = [
    task("Read last week's incidents", "complete", output=rich(words("Four of them.", "text"))),
    task("Group them by cause", "in_progress", details=rich(words("notes.read_note", "text"))),
    task("Ask for the key", "error"),
    task("Write the summary", "pending", sources=[{"type": "url", "url": "https://example.com", "text": "Runbook"}]),
]
LIST = {
    "type": "rich_text_list",
    "style": "bullet",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "tada"}, words(" a party", "text")]},
        {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://example.com", "text": "a link"}]},
    ],
}
MARKDOWN = "# Report\n\n1. first\n2. *second*\n\n| host | errors |\n|---|---|\n| db1 | 3 |\n\n> quoted\n\n~~old~~ `new`"
SLACK: list[Json] = [
    {"type": "header", "text": words("A header :wave:")},
    {
        "type": "section",
        "text": words("*Bold*, _slanted_, `code`, <https://example.com|a link>, <@U0123BEN0> :tada:", "mrkdwn"),
        "accessory": {"type": "overflow", "options": [OPTION]},
    },
    {"type": "section", "fields": [words("*Owner*\nAnna", "mrkdwn"), words("*Cost*\n$0.12", "mrkdwn")]},
    {
        "type": "section",
        "text": words("> quoted\nWho is it for?", "mrkdwn"),
        "accessory": {"type": "static_select", "placeholder": words("Choose"), "options": [OPTION]},
    },
    {"type": "divider"},
    {"type": "context", "elements": [PICTURE, words("context with *a picture*", "mrkdwn")]},
    {"type": "rich_text", "elements": [LIST]},
    {"type": "markdown", "text": MARKDOWN},
    {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in (("host", "errors"), ("db1", "3"))],
    },
    {"type": "plan", "title": "Summarise the incidents", "tasks": TASKS},
    task("Fetch the weather", "in_progress"),
    {"type": "container", "title": "Folded", "child_blocks": [{"type": "divider"}]},
    PICTURE,
    {"type": "data_visualization"},
]
ATTACHED = [{"color": "danger", "title": "An old kind of attachment", "text": "with a *bar*"}]
FILES = [{"name": "report.pdf", "pretty_type": "PDF"}, {"name": "page.png", "mimetype": "image/png"}]
INPUTS: list[Json] = [
    {"type": "input", "label": words("Goal"), "element": {"type": "plain_text_input", "multiline": True}},
    {
        "type": "input",
        "label": words("Agent"),
        "optional": True,
        "element": {"type": "static_select", "initial_option": OPTION},
    },
    {
        "type": "input",
        "label": words("Tell"),
        "element": {"type": "checkboxes", "options": [OPTION], "initial_options": [OPTION]},
    },
    {"type": "input", "label": words("Files"), "element": {"type": "file_input"}, "hint": words("10 at most")},
]
MODAL = {
    "type": "modal",
    "title": words("Start a task"),
    "submit": words("Start"),
    "close": words("Cancel"),
    "blocks": INPUTS,
}

BUTTONS = {
    "type": 1,
    "components": [
        *(
            {"type": 2, "style": style, "label": name}
            for style, name in enumerate(("Approve", "Details", "Add", "Stop"), 1)
        ),
        {"type": 2, "style": 5, "label": "Open", "url": "https://example.com", "emoji": {"name": "🔗"}},
    ],
}
SELECT = {"type": 1, "components": [{"type": 3, "placeholder": "Who is it for?", "options": []}]}
DISCORD_TEXT = (
    "## Report\n**bold** *slanted* __under__ ~~old~~ ||hidden|| `code` <t:1772443800:R> <@U0123BEN0>\n"
    "- one\n- two\n> quoted\nafter\n-# small print"
)
EMBED = {
    "title": "An embed",
    "url": "https://example.com",
    "color": 0x5865F2,
    "description": "with three fields in a row",
    "fields": [{"name": name, "value": "…", "inline": True} for name in ("Owner", "Cost", "Time")],
    "footer": {"text": "and a footer"},
}
ACCESSORY = {"type": 2, "style": 2, "label": "Details"}
SECTION = {"type": 9, "components": [{"type": 10, "content": "### A section\nwith a button"}], "accessory": ACCESSORY}
THUMBNAIL = {
    "type": 9,
    "components": [{"type": 10, "content": "and one with a picture"}],
    "accessory": {"type": 11, "media": {"url": "x/a.png"}},
}
CONTAINER = {
    "type": 17,
    "accent_color": 0xF0B232,
    "components": [
        {"type": 10, "content": DISCORD_TEXT},
        {"type": 14},
        SECTION,
        THUMBNAIL,
        {"type": 12, "items": [{"media": {"url": "x/page.png"}}, {"media": {"url": "x/chart.png"}}]},
        {"type": 13, "file": {"url": "attachment://report.pdf"}, "size": 4096},
        BUTTONS,
        SELECT,
    ],
}
LABELS = [
    {"type": 18, "label": "Goal", "description": "What is to be done", "component": {"type": 4, "style": 2}},
    {"type": 18, "label": "Agent", "component": {"type": 3, "options": [{"label": "default", "default": True}]}},
]
SAMPLES: dict[Platform, list[Message]] = {
    "slack": [Message({"blocks": SLACK, "attachments": ATTACHED, "files": FILES}), Message({"modal": MODAL})],
    "discord": [
        Message(
            {"content": DISCORD_TEXT, "embeds": [EMBED], "attachments": [{"filename": "report.pdf", "size": 4096}]}
        ),
        Message({"components": [CONTAINER, {"type": 99}]}),
        Message({"modal": {"title": "Start a task", "components": LABELS}}),
    ],
}


def samples(platform: Platform) -> Iterator[Message]:
    """Messages, and a form."""
    yield from SAMPLES[platform]
