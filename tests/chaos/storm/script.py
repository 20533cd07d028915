"""What the model says: a pure function of the conversation, for each kind of task."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.openai_server import Turn

GOAL = re.compile(r"storm-\d+-(\w+)-\w")  # also the name of everything that the task does
AGAIN = "Once more, please"  # how replies begin
Messages = list[dict[str, Any]]


class Kind(NamedTuple):
    """A kind of task: what the model does in its nth answer of a run."""

    name: str
    plays: Callable[[str, int], Turn]
    agent: str = "default"
    ends: str = "completed"


def turn(messages: Messages) -> Turn:
    """The next answer in this conversation, without usage."""
    goal = GOAL.search("\n".join(str(m.get("content")) for m in messages if m["role"] == "user"))
    if goal is None:
        return Turn(text="Nothing of the storm.")
    said = sum(message["role"] == "assistant" for message in messages)
    replied = any(AGAIN in str(m.get("content")) for m in messages if m["role"] == "user")
    if replied and KINDS[goal[1]].name in ("reply", "after"):
        return _done(goal[0], said)
    return KINDS[goal[1]].plays(goal[0], said)


def _done(goal: str, said: int) -> Turn:
    return Turn(calls=(("complete_task", {"answer": f"Ready: {goal}, after {said}."}),))


def _note(goal: str, said: int) -> Turn:
    return Turn(text=f"Step {said} of {goal}.", calls=(("storm__note", {"name": f"{goal}-{said}"}),))


def _writing(times: int) -> Callable[[str, int], Turn]:
    def plays(goal: str, said: int) -> Turn:
        if said >= times:
            return _done(goal, said)
        return Turn(text="I write it.", calls=(("storm__write", {"name": f"{goal}-{said}"}),))

    return plays


def _noting(times: int) -> Callable[[str, int], Turn]:
    return lambda goal, said: _done(goal, said) if said >= times else _note(goal, said)


def _asking(goal: str, said: int) -> Turn:
    if said:
        return _done(goal, said)
    return Turn(calls=(("ask_user", {"question": f"Which colour for {goal}?", "options": ["Blue", "Red"]}),))


KINDS = {
    kind.name: kind
    for kind in (
        Kind("once", _writing(1)),
        Kind("rest", _writing(3)),  # approved for the rest of the task
        Kind("deny", _writing(1)),
        Kind("edited", _writing(1)),
        Kind("question", _asking),
        Kind("budget", _noting(8), agent="small"),
        Kind("reply", _writing(1)),  # a person replies instead of deciding
        Kind("after", _noting(1)),  # a person replies after the end
        Kind("stop", _noting(1_000), ends="cancelled"),
        Kind("pause", _noting(12)),
        Kind("long", _noting(18)),
    )
}
