"""What a task remembers of the conversation that a summary replaced."""

from typing import Any, Literal

from pydantic import Field

from threadwork.workflows.run_events import Kept
from threadwork.workflows.values import Value

SHORTENED = 6  # times that a conversation is shortened for one call before the task fails
RECORD = "record"  # key of a stored summary: beside it, what is kept word for word

Outcomes = dict[str, dict[str, int]]  # tool → outcome → times


class Counted(Value):
    """Tokens of all messages before a position, tools included, as the last call told."""

    before: int
    tokens: int


class Compacted(Value):
    """What a call for a summary came to."""

    since: int  # the conversation before this position stands in `ref`
    ref: str | None = None  # None: nothing that could be used came
    more: bool = False  # older turns are still to be summarised
    how: Literal["summary", "excerpt"] = "summary"
    kept: Kept | None = None


class Said(Value):
    """What a person said or decided, as the model is shown it."""

    kind: Literal["answer", "decision", "follow_up"]
    text: str


class Effect(Value):
    """A call that may have changed something."""

    tool: str
    outcome: str
    text: str


class Record(Value):
    """What no summary replaces, by code and not by a model. Both lists: the oldest first."""

    said: tuple[Said, ...] = ()
    effects: tuple[Effect, ...] = ()
    earlier: Outcomes = Field(default_factory=dict)  # effects that there was no room for
    plan: str = ""

    def kept(self) -> Kept:
        kinds = [said.kind for said in self.said]
        return Kept(
            answers=kinds.count("answer"),
            decisions=kinds.count("decision"),
            follow_ups=kinds.count("follow_up"),
            effects=len(self.effects) + sum(sum(times.values()) for times in self.earlier.values()),
            plan=bool(self.plan),
        )

    def and_then(self, later: "Record") -> "Record":
        return Record(
            said=(*self.said, *later.said),
            effects=(*self.effects, *later.effects),
            earlier=_added(self.earlier, later.earlier),
            plan=later.plan or self.plan,
        )

    def within(self, characters: int) -> tuple["Record", tuple[str, ...]]:
        """The newest of it in so many characters, and the lines that there was no room for, the oldest first."""
        said, left_out = _newest(self.said, characters * 3 // 5)
        effects, done = _newest(self.effects, characters * 2 // 5)
        earlier: Outcomes = {}
        for effect in done:
            earlier = _added(earlier, {effect.tool: {effect.outcome: 1}})
        fitting = self.model_copy(
            update={"said": said, "effects": effects, "earlier": _added(self.earlier, earlier)},
        )
        return fitting, tuple(one.text for one in (*left_out, *done))

    def text(self) -> str:
        """As the model reads it; empty where there is nothing."""
        parts = []
        if self.said:
            parts.append("What people said and decided, word for word:\n" + _listed(self.said))
        if self.plan:
            parts.append(f"The plan as it stands:\n{self.plan}")
        if self.effects or self.earlier:
            before = [f"- earlier: {tool}: {_times(times)}" for tool, times in self.earlier.items()]
            done = "\n".join([*before, *([_listed(self.effects)] if self.effects else [])])
            parts.append(f"Calls that you made and that may have changed something; do not repeat them:\n{done}")
        return "\n\n".join(parts)


def record_of(body: dict[str, Any]) -> Record | None:
    """Of a stored summary; None: it is of an older version, which kept none."""
    return Record.model_validate(body[RECORD]) if RECORD in body else None


def _newest(lines: tuple[Any, ...], characters: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    taken = 0
    for number, line in enumerate(reversed(lines)):
        taken += len(line.text) + 3
        if taken > characters:
            return lines[len(lines) - number :], lines[: len(lines) - number]
    return lines, ()


def _added(these: Outcomes, those: Outcomes) -> Outcomes:
    tools = {**these, **those}
    return {tool: _sum(these.get(tool, {}), those.get(tool, {})) for tool in tools}


def _sum(these: dict[str, int], those: dict[str, int]) -> dict[str, int]:
    return {outcome: these.get(outcome, 0) + those.get(outcome, 0) for outcome in {**these, **those}}


def _times(times: dict[str, int]) -> str:
    return ", ".join(f"{times[outcome]} × {outcome}" for outcome in times)


def _listed(lines: tuple[Any, ...]) -> str:
    return "\n".join(f"- {line.text}" for line in lines)
