"""What the processes load, and what they must not."""

import subprocess
import sys

import pytest

HEAVY = ("litellm", "discord", "slack_bolt", "slack_sdk")


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        (
            "from threadwork.bot.__main__ import main; sys.argv = ['threadwork', '--help']; main()",
            (*HEAVY, "temporalio", "mcp"),
        ),
        ("import threadwork.bot.service", HEAVY),
        ("import threadwork.workflows.agent_execution", (*HEAVY, "mcp", "sqlalchemy", "redis", "fastapi")),
    ],
)
def test_a_process_does_not_load_what_it_does_not_need(statement: str, forbidden: tuple[str, ...]) -> None:
    program = f"""
import sys
try:
    {statement}
except SystemExit:
    pass
print([name for name in {forbidden!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
