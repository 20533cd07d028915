"""No test waits for a fixed time: on a busy machine too little has happened by then, on another one it is lost.

Wait for what must come (a `while` with a deadline), or put a clock forward. Where nothing is to happen, cause what must
come after it, and wait for that."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
HANGS = 30  # seconds; whoever sleeps for longer stands for what never answers
BY_THE_CLOCK = ("bench/", "chaos/")  # loads and outages that last for a time; what they show is waited for
_WRITES = "writing takes so long, and an acknowledgement no less"
_TIME = "the time itself is what is tested, beside a limit that is shorter"
ALLOWED = {  # why
    "activities/delivery/test_sink_delivery.py: stream": "a model that writes slowly",
    "adapters/discord/inbound/test_inbound.py: "
    "test_a_command_is_deferred_before_it_is_done_but_not_before_it_is_written": _WRITES,
    "adapters/discord/inbound/test_inbound.py: "
    "test_a_command_is_deferred_in_time_even_while_nothing_can_be_written": "longer than Discord waits",
    "adapters/slack/inbound/test_inbound.py: "
    "test_a_command_is_acknowledged_when_it_is_written_down_and_not_before": _WRITES,
    "adapters/tools/test_mcp_held_calls.py: "
    "test_two_questions_of_one_call_are_asked_and_answered_however_long_people_think": _TIME,
    "openai_server.py: _stream": "a model that is silent, but alive",
    "replay/record.py: full_run": "histories are recorded once, and no verdict hangs on it",
    "replay/stories/remembering.py: left_open": "histories are recorded once, and no verdict hangs on it",
    "security/test_connection_limits.py: pieces": _TIME,
    "security/test_connection_limits.py: slow": _TIME,
    "security/test_connection_limits.py: test_requests_one_after_the_other_are_answered_on_one_connection": _TIME,
    "workflows/test_limits.py: stream": _TIME,
}


class Waits(ast.NodeVisitor):
    """Functions of a file that sleep for a fixed time, but for a look at something in a `while`."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[str] = []
        self._function, self._looking = "", False
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._inside(node, node.name, looking=False)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_While(self, node: ast.While) -> None:
        self._inside(node, self._function, looking=True)

    def visit_Call(self, node: ast.Call) -> None:
        sleeps = ast.unparse(node.func) in ("asyncio.sleep", "time.sleep", "sleep")
        if sleeps and not self._looking and is_a_while(node.args[0]):
            self.found.append(self._function)
        self.generic_visit(node)

    def _inside(self, node: ast.AST, function: str, looking: bool) -> None:
        before = self._function, self._looking
        self._function, self._looking = function, looking
        self.generic_visit(node)
        self._function, self._looking = before


def is_a_while(seconds: ast.expr) -> bool:
    """A figure, or made of figures and constants: neither a mere turn of the loop nor a sleep without end."""
    if isinstance(seconds, ast.Constant):
        return 0 < float(str(seconds.value)) < HANGS
    names = [node for node in ast.walk(seconds) if isinstance(node, ast.Name | ast.Attribute | ast.Call)]
    return all(isinstance(node, ast.Name) and node.id.isupper() for node in names)


def waits() -> Iterator[str]:
    for path in sorted(TESTS.rglob("*.py")):
        name = path.relative_to(TESTS).as_posix()
        if not name.startswith(BY_THE_CLOCK):
            yield from (f"{name}: {function}" for function in Waits(ast.parse(path.read_text("utf-8"))).found)


def test_no_test_waits_for_a_fixed_time() -> None:
    found = sorted(waits())
    assert [one for one in found if one not in ALLOWED] == [], "wait for what must come, or put a clock forward"
    assert [one for one in ALLOWED if one not in found] == [], "these wait no more"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("async def f():\n    await asyncio.sleep(0.5)", ["f"]),
        ("async def f():\n    await asyncio.sleep(SOON / 2)", ["f"]),
        ("def f():\n    g = lambda: time.sleep(1)", ["f"]),
        ("def f():\n    while True:\n        def g(): time.sleep(1)", ["g"]),
        ("async def f():\n    while not seen():\n        await asyncio.sleep(0.02)", []),
        ("async def f():\n    await asyncio.sleep(0)", []),
        ("async def f():\n    await asyncio.sleep(60)", []),
        ("async def f():\n    await asyncio.sleep(told.retry_after)", []),
    ],
)
def test_a_wait_is_told_from_a_look_and_from_what_was_asked_for(code: str, found: list[str]) -> None:
    assert Waits(ast.parse(code)).found == found
