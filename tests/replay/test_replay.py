"""Saved histories replay: a change to the workflow that would break runs under way is seen here."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.agent_execution import AgentExecutionWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*/*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_saved_history_replays(path: Path) -> None:
    history = WorkflowHistory.from_json("task", path.read_text())
    replayer = Replayer(workflows=[AgentExecutionWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)


def test_the_saved_histories_hold_what_they_are_kept_for() -> None:
    whole = "".join(path.read_text() for path in HISTORIES if path.stem.startswith("full_run"))
    for kept in ("ContinuedAsNew", "decide_approval", "pause_execution", "add_follow_up", "notify_thread_activity"):
        assert kept in whole
    assert sum(path.stem.startswith("full_run") for path in HISTORIES) >= 3
