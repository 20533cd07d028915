"""The table itself: enough rows, each from a report or a page that says so, and none under another's name."""

import re
from collections import Counter

from tests.manners.threads.row import SETTINGS, Row
from tests.manners.threads.table import DISCORD, SLACK

REPORT = re.compile(r"(?:control of )?(?:[\w.-]+/[\w.-]+#\d+|https://docs\.slack\.dev/\S+)")
ENOUGH = 60


def test_each_platform_has_rows_enough_that_were_reported() -> None:
    for rows in (SLACK, DISCORD):
        assert all(REPORT.fullmatch(row.report) for row in rows)
        assert len([row for row in rows if not row.report.startswith("control of")]) >= ENOUGH


def test_no_two_rows_are_one() -> None:
    for rows in (SLACK, DISCORD):
        assert [name for name, times in Counter(_told(row) for row in rows).items() if times > 1] == []


def test_every_setting_is_used() -> None:
    assert {row.when for row in (*SLACK, *DISCORD)} == set(SETTINGS)


def _told(row: Row) -> tuple[str, str]:
    return row.name, row.when
