"""What the demo model says and does next: a fixed script over a conversation. It is no AI."""

import re
from collections.abc import Callable
from typing import Any

from threadwork.adapters.models.demo_scene import PastCall, Scene
from threadwork.workflows.values import Value, preview

QUESTION = "How should I write it?"
OPTIONS = ("Short and friendly", "Formal", "Bullet points")
REAL_MODEL = (
    "This was the built-in demo: a fixed script, not AI. The plan, the tools, the question, the approval and the "
    "budget were real. To use a real model, set `THREADWORK_MODEL=openai/gpt-5-mini` and `OPENAI_API_KEY`, "
    "then start Threadwork again."
)
GOAL_SHOWN = 160  # characters of the goal that are repeated, so that a story costs much the same for every goal
NOTE_LINE = re.compile(r"^(?:[-*] )?(\S[^\n(]*\.\w+)(?: \(.*\))?$", re.M)


class Move(Value):
    """A turn of the demo: what it says, and the tools it calls with their arguments."""

    text: str
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()


def next_move(at: Scene) -> Move:
    """The first step of the story that still has something to do."""
    steps = STORY if len(at.rounds) == 1 else AGAIN
    move = next(move for step in steps if (move := step(at)) is not None)
    return move.model_copy(update={"text": _acknowledged(at) + move.text})


# --- the first round ---------------------------------------------------------------------------------


def _greet(at: Scene) -> Move | None:
    if at.now.spoken or "update_plan" not in at.offered:
        return None
    text = (
        f"Hello! I am the demo model: a fixed script, not AI. Your goal is “{_goal(at)}”. "
        "I cannot think about it, but I can show you how an agent works on it here, step by step."
    )
    return Move(text=text, calls=_plan(at, doing=0))


def _look(at: Scene) -> Move | None:
    if not at.to_do("notes__list_notes"):
        return None
    return Move(text="First I look at the notes there are.", calls=(("notes__list_notes", {}),))


def _read(at: Scene) -> Move | None:
    names = _worth_reading(at)
    if not names or not at.to_do("notes__read_note"):
        return None
    shown = " and ".join(f"`{name}`" for name in names)
    return Move(text=f"I read {shown}.", calls=tuple(("notes__read_note", {"name": name}) for name in names))


def _ask(at: Scene) -> Move | None:
    if not at.to_do("ask_user"):
        return None
    return Move(
        text="Before I write anything, one question.",
        calls=(*_plan(at, doing=1), ("ask_user", {"question": QUESTION, "options": list(OPTIONS)})),
    )


def _write(at: Scene) -> Move | None:
    if not at.to_do("notes__write_note"):
        return None
    name = _file_name(at.goal)
    text = f"Now I would like to write the note `{name}`. Writing changes something, so you may be asked to allow it."
    return Move(text=text, calls=(*_plan(at, doing=2), _note(at, name)))


def _write_elsewhere(at: Scene) -> Move | None:
    tried = at.now.named("notes__write_note")
    if len(tried) != 1 or not tried[0].declined:
        return None
    name = _file_name(at.goal, "-draft")
    text = f"That was not allowed, so nothing was written. I propose `{name}` instead."
    return Move(text=text, calls=(*_plan(at, doing=2, writing=f"Write {name} instead"), _note(at, name)))


def _finish(at: Scene) -> Move | None:
    answer = "\n".join(
        (f"**Done.** Your goal was: *{_goal(at)}*\n", *(f"- {line}" for line in _report(at)), f"\n{REAL_MODEL}")
    )
    return _end(at, "That is all. To sum up:", answer)


# --- after an answer ---------------------------------------------------------------------------------


def _read_back(at: Scene) -> Move | None:
    if at.written is None or not at.to_do("notes__read_note"):
        return None
    said = preview(at.now.opening, GOAL_SHOWN)
    text = f"You said: “{said}”. I am still only a script, so I read back `{at.written}`."
    return Move(text=text, calls=(("notes__read_note", {"name": at.written}),))


def _finish_again(at: Scene) -> Move | None:
    read = at.now.named("notes__read_note")
    quoted = "\n".join(f"> {line}" for line in preview(read[-1].result or "", 300).splitlines()) if read else ""
    note = f"`{at.written}` still says:\n\n{quoted}" if quoted else "There is no note of mine to read back."
    answer = (
        f"You wrote: *{preview(at.now.opening, GOAL_SHOWN)}*\n\n{note}\n\n"
        "I remembered all this because the thread is one durable task. I am the demo, a script, not AI; "
        "`THREADWORK_MODEL=openai/gpt-5-mini` with `OPENAI_API_KEY` gives you a real model."
    )
    return _end(at, "Here is what I have.", answer)


STORY: tuple[Callable[[Scene], Move | None], ...] = (_greet, _look, _read, _ask, _write, _write_elsewhere, _finish)
AGAIN: tuple[Callable[[Scene], Move | None], ...] = (_read_back, _finish_again)


# --- its words ---------------------------------------------------------------------------------------


def _goal(at: Scene) -> str:
    return preview(" ".join(at.goal.split()) or "nothing in particular", GOAL_SHOWN)


def _acknowledged(at: Scene) -> str:
    return "".join(f"Thank you, I have your reply “{preview(text, GOAL_SHOWN)}”. " for text in at.now.unheard)


def _end(at: Scene, text: str, answer: str) -> Move:
    if "complete_task" not in at.offered:
        return Move(text=answer)
    plan = _plan(at, doing=4) if at.to_do("complete_task") and len(at.rounds) == 1 else ()
    return Move(text=text, calls=(*plan, ("complete_task", {"answer": answer})))


def _plan(at: Scene, doing: int, writing: str = "Write a note") -> tuple[tuple[str, dict[str, Any]], ...]:
    """The plan with everything before the item `doing` done, leaving out what no tool is there for."""
    if "update_plan" not in at.offered:
        return ()
    steps = (
        ("Look at the notes", "notes__list_notes"),
        ("Ask how you want it", "ask_user"),
        (writing, "notes__write_note"),
        ("Say what was done", "update_plan"),
    )
    states = ["done"] * doing + ["doing"] + ["todo"] * len(steps)
    shown = zip(steps, states, strict=False)
    items = [{"text": text, "state": state} for (text, tool), state in shown if tool in at.offered]
    return (("update_plan", {"items": items}),)


def _note(at: Scene, name: str) -> tuple[str, dict[str, Any]]:
    replies = "".join(f"- Also said: {preview(reply, GOAL_SHOWN)}\n" for reply in at.now.replies)
    read = ", ".join(str(call.arguments.get("name")) for call in at.now.named("notes__read_note")) or "none"
    text = (
        f"# {_goal(at)}\n\n- Style: {_style(at) or 'not asked'}\n- Notes read: {read}\n{replies}\n"
        "Written by the Threadwork demo, a script, not AI.\n"
    )
    return ("notes__write_note", {"name": name, "text": text})


def _report(at: Scene) -> list[str]:
    lines = [f"How you wanted it: **{style}**"] if (style := _style(at)) else []
    lines += [_about(call) for call in at.now.named("notes__write_note")[-1:]]
    lines += [f"You also said: “{preview(reply, GOAL_SHOWN)}”" for reply in at.now.replies]
    return lines or ["There were no tools I could show you here."]


def _about(call: PastCall) -> str:
    name = call.arguments.get("name")
    if call.written:
        return f"Written: `{name}`"
    if call.declined:
        return "Nothing was written, because it was not allowed."
    return f"`{name}` may not have been written; the tool said: {preview(call.result or 'nothing', 120)}"


def _style(at: Scene) -> str:
    """The option a person chose, or their own words."""
    told = next((call.result for call in at.now.named("ask_user") if call.result), "")
    said = told.partition(" answered: ")[2] or told
    chosen = next((option for option in OPTIONS if option.lower() in said.lower()), said)
    return preview(" ".join(chosen.split()), 80)


def _worth_reading(at: Scene) -> tuple[str, ...]:
    """Two notes at most: those the goal names, else the first of several."""
    listed = next((call.result for call in at.now.named("notes__list_notes") if call.result), "")
    names = tuple(NOTE_LINE.findall(listed))
    named = tuple(name for name in names if _names(at.goal, name.rpartition(".")[0]))
    return named[:2] if named else names[:2] if len(names) > 1 else ()


def _names(goal: str, stem: str) -> bool:
    """Stems of one or two letters are too likely to be words of their own."""
    return len(stem) > 2 and re.search(rf"\b{re.escape(stem)}\b", goal, re.I) is not None


def _file_name(goal: str, suffix: str = "") -> str:
    words = re.findall(r"[a-z0-9]+", goal.lower())[:5]
    return ("-".join(words)[:40].strip("-") or "note") + suffix + ".md"
