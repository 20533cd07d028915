"""What may be set, told or stored is read by somebody: settings, keys of the file, types of events and columns.

By name, in the syntax of the code: what is written, or only handed on, does not count."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from threadwork.adapters.catalog.shape import CatalogShape
from threadwork.adapters.sql import tables
from threadwork.bot.api.site import Site
from threadwork.bot.reference.schema import parts
from threadwork.bot.settings import Settings
from threadwork.workflows.calls import Message
from threadwork.workflows.domain.approval_records import ApprovalRecord
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import PAYLOADS, Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.sinks import Delivery, InDoubtCall, SinkState
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import Intake, TaskRecord
from threadwork.workflows.values import Value

ROOT = Path(__file__).parents[3]
ROOMS = ("activities", "adapters", "bot", "workflows")
AS_THEY_STAND = {"ParamsShape"}  # the model's own words: the whole of it goes into each request
CHECKED_ONLY = {  # nothing acts on them so far, and `threadwork doctor` says so
    "TriggerRule": {"schedule", "timezone", "webhook", "reaction", "keyword", "goal", "budget_usd"},
    "Limits": {"task", "person_per_day", "channel_per_day"},
    "ChannelRule": set[str](),
}
FOR_OTHER_PROGRAMS = ["ServerShape.alwaysAllow", "ServerShape.autoApprove"]  # they write them; nothing is approved
FOR_PEOPLE = {  # for who looks into the database after something went wrong
    "calls.claimed_at",
    "calls.done_at",
    "intake.stored_at",
    "intake.finished_at",
    "run_configs.saved_at",
    "slack_installations.installed_at",
    "task_messages.stored_at",
    "views.saved_at",
}
AHEAD = {"triggers"}  # the file has its keys already; nothing is stored there so far
ROWS: tuple[type[Value], ...] = (
    ApprovalRecord,
    Delivery,
    InDoubtCall,
    Event,
    Grant,
    Intake,
    Message,
    SinkState,
    Subscription,
    TaskRecord,
)


class Reading:
    """Names that the code reads: `x.name`, or "name" as a text, with the files that do."""

    def __init__(self) -> None:
        self.attributes = defaultdict[str, set[str]](set)
        self.of_columns = set[str]()  # `table.c.name`
        self.of_types = defaultdict[str, set[str]](set)  # `EventType.NAME`
        self.texts = defaultdict[str, set[str]](set)
        for file in sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py")):
            if "migrations" not in file.parts:
                self._read(file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8")))

    def _read(self, file: str, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                self.attributes[node.attr].add(file)
                if isinstance(node.value, ast.Attribute) and node.value.attr == "c":
                    self.of_columns.add(node.attr)
                if isinstance(node.value, ast.Name) and node.value.id == "EventType":
                    self.of_types[node.attr].add(file)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                self.texts[node.value].add(file)

    def outside(self, name: str, *own: str) -> bool:
        """Whether somebody reads it in another file than those that say what it is."""
        return bool(self.attributes[name] - set(own))


READING = Reading()


def shapes(shape: type) -> Iterator[type]:
    yield shape
    for field in shape.model_fields.values():  # type: ignore[attr-defined]
        for part in parts(field.annotation):
            yield from shapes(part)


def test_each_setting_is_read() -> None:
    used = {*READING.attributes}
    unread = [name for name in Settings.model_fields if name not in used]
    assert unread == [], "nobody reads these settings: read them where they act, or delete the fields"


def test_each_key_of_the_file_is_read() -> None:
    own = ("adapters/catalog/shape.py", "adapters/catalog/model_shape.py", "adapters/catalog/checks.py")
    unread = [
        f"{shape.__name__}.{name}"
        for shape in dict.fromkeys(shapes(CatalogShape))
        if shape.__name__ not in AS_THEY_STAND
        for name in shape.model_fields  # type: ignore[attr-defined]
        if name not in CHECKED_ONLY.get(shape.__name__, ()) and not READING.outside(name, *own)
    ]
    assert sorted(unread) == FOR_OTHER_PROGRAMS, "nobody reads these keys outside adapters/catalog: shape and checks"


def test_each_type_of_event_is_read() -> None:
    unread = [kind.name for kind in EventType if all(map(says_a_payload, READING.of_types[kind.name]))]
    assert unread == [], "nobody reads these: give them a step in workflows/cards_of_events.py, or a reader"


def says_a_payload(file: str) -> bool:
    """The families of payloads name each type; that is no reading."""
    return file.startswith("workflows/") and file.endswith("_events.py") and file != "workflows/cards_of_events.py"


def test_each_field_of_an_event_is_read() -> None:
    unread = {
        (str(kind), name)
        for kind, payload in PAYLOADS.items()
        for name in payload.model_fields
        if not READING.outside(name) and not READING.texts[name]
    }
    assert unread == set(), "nobody reads these fields of events: (type, field)"


def test_each_column_is_read() -> None:
    """In a statement, of a row, or as a field of the value that a whole row becomes."""
    of_values = {name for row in ROWS for name in row.model_fields}
    unread = {
        f"{table.name}.{column.name}"
        for table in tables.Base.metadata.tables.values()
        if table.name not in AHEAD
        for column in table.columns
        if column.name not in READING.of_columns | of_values and not of_a_row(column.name)
    }
    assert unread == FOR_PEOPLE, "nobody reads the columns that are more: read them where they act, or add no column"


def of_a_row(name: str) -> bool:
    return any(file.startswith("adapters/sql/") for file in READING.attributes[name])


def test_what_a_server_is_told_is_read() -> None:
    assert [name for name in Site.__dataclass_fields__ if not READING.outside(name, "bot/api/site.py")] == []
