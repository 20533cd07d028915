"""What became of the tools of a run since they were looked at."""

from collections.abc import Sequence

from threadwork.workflows.agents import RunConfig, ToolSpec

NAMED = 8  # tools that are named; the others are counted


def news(before: RunConfig, now: RunConfig) -> str:
    """A sentence or two for people and the model; empty where nobody need know."""
    had, has = _by_name(before), _by_name(now)
    came = [name for name in has if name not in had]
    gone = [name for name in had if name not in has]
    grown = [name for name in has if name in had and has[name].worse_than(had[name])]
    told = (
        ("New tools", came),
        ("Removed", gone),
        ("Now more dangerous, their server says", grown),
    )
    return " ".join(f"{what}: {_some(names)}." for what, names in told if names)


def outgrown(name: str, before: RunConfig, now: RunConfig) -> bool:
    """Whether a tool is no longer what people approved: it may do more, or went away."""
    had, has = _by_name(before).get(name), _by_name(now).get(name)
    return has is None or had is None or has.worse_than(had)


def _by_name(config: RunConfig) -> dict[str, ToolSpec]:
    return {tool.name: tool for tool in config.tools}


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
