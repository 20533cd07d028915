"""What people are told of one task, of themselves and of the commands."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from threadwork.adapters.chat.status_words import has_reason
from threadwork.adapters.wording.answer_words import first_lines
from threadwork.adapters.wording.card_words import amount, of_limit, state, step, took
from threadwork.bot.chat.exact_words import fits
from threadwork.bot.chat.lists import STATES, about, short
from threadwork.bot.chat.rights import Powers
from threadwork.bot.chat.words import Words, looks_like_a_goal, nearest, quoted
from threadwork.bot.threads import last_answer
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import StatusCard, ThreadView
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_commands import COMMANDS, GROUPS, CommandRow, Group, Who
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import NANOS, Ledger

THANKS = Response(text="Thanks, that helps.")
ANSWER, ANSWER_LINES = 1_000, 12  # characters and lines of an answer beside a task's state; Details has the whole


def started(goal: str, task_id: str, where: str = "") -> Response:
    """`where`: name of the channel, if it is another one."""
    place = f" in {where}" if where else ""
    return Response(text=f"Started{place}: **{short(goal)}**\nTask `{task_id}`. Follow it in its thread.")


def ask_goal() -> Response:
    return Response(text=f"What should the agent do? Write `{SLASH} run <goal>`.", asks="start")


# --- a task --------------------------------------------------------------------------------------------


def status(task: TaskRecord, view: ThreadView) -> Response:
    card = view.status
    lines = [f"**{short(task.goal)}**", f"{_state(task, card)} · {' · '.join(_facts(task, card))}"]
    lines += [f"Now: {card.doing}"] if card.doing and not task.status.ended else []
    lines += [f"Why: {short(card.reason, 200)}"] if has_reason(card) else []
    lines += _answer(view)
    item = about(task, f"Task `{task.task_id}` · agent {task.agent} · by {task.by.shown}")
    row = buttons(task.task_id, card) if view.seq else ()
    return Response(text="\n".join(lines), items=(item.model_copy(update={"buttons": row}),))


def _answer(view: ThreadView) -> list[str]:
    """The head of the newest answer: it may stand in a thread that nobody opens on the way."""
    card = last_answer(view)
    return ["", first_lines(card.answer, ANSWER, ANSWER_LINES)] if card and card.answer.strip() else []


def _state(task: TaskRecord, card: StatusCard) -> str:
    """The card knows how it ended, and may be a little behind."""
    return state(card)[1] if card.status is task.status else STATES[task.status].capitalize()


def _facts(task: TaskRecord, card: StatusCard) -> list[str]:
    spent = amount(task.usd, "usd") if card.usd_limit is None else of_limit(task.usd, card.usd_limit, "usd")
    facts = [*filter(None, [step(task.iteration, card.max_iterations)]), f"{_least(card.unpriced)}{spent}"]
    if card.started_at:
        facts.append(took((card.ended_at or datetime.now(UTC)) - card.started_at))
    return facts


# --- a person ------------------------------------------------------------------------------------------


def cost(
    day: Ledger, week: Ledger, task: TaskRecord | None, unpriced: bool = False, task_unpriced: bool = False
) -> Response:
    """`unpriced`: some call's price is not known, so that the dollars are the least that it was."""
    least, of_task = _least(unpriced), _least(task_unpriced)
    times = f"{least}**{spent(day)}** in the last 24 hours and {least}**{spent(week)}** in the last 7 days"
    lines = [f"Your tasks spent {times}."]
    if task:
        lines.append(f"This task: {of_task}{amount(task.usd, 'usd')}, {task.tokens:,} tokens.")
    return Response(text="\n".join(lines))


def _least(unpriced: bool) -> str:
    return "at least " if unpriced else ""


def spent(ledger: Ledger) -> str:
    return amount(ledger.nanos / NANOS, "usd")


def agents(runnable: Sequence[AgentSpec]) -> Response:
    if not runnable:
        return Response(text="There is no agent that you may run.")
    lines = [_agent_line(agent) for agent in runnable]
    return Response(text="\n".join(["Agents you may run:", *lines, f"`{SLASH} run --agent <name> <goal>`"]))


def _agent_line(agent: AgentSpec) -> str:
    told = f": {short(agent.description, 150)}" if agent.description else ""
    return f"• **{agent.name}**{told} ({agent.model})"


# --- the commands --------------------------------------------------------------------------------------

_Can = Callable[[Powers], bool]


def _anybody(powers: Powers) -> bool:
    return True


def _runs(powers: Powers) -> bool:
    return bool(powers.agents)


def _controls(powers: Powers) -> bool:
    return powers.control


def _decides(powers: Powers) -> bool:
    return powers.decide


MAY: dict[Who, _Can] = {"anybody": _anybody, "runs": _runs, "controls": _controls, "decides": _decides}


def help_text(powers: Powers) -> Response:
    """Only what the person may do."""
    rows = [row for row in COMMANDS if MAY[row.who](powers)]
    lines = [line for group in GROUPS for line in _group(group, [row for row in rows if row.group == group])]
    names = ", ".join(agent.name for agent in powers.agents)
    lines.append(f"Your agents: {names}." if names else "There is no agent that you may run.")
    lines += ["In a task's thread just reply."] if powers.agents else []
    lines += ["`stop` alone in its thread stops a task."] if powers.control else []
    return Response(text="\n".join(lines))


def _group(group: Group, rows: Sequence[CommandRow]) -> list[str]:
    title, example = GROUPS[group]
    lines = [f"`{SLASH} {f'{row.word} {row.usage}'.strip()}` {row.help.format(slash=SLASH)}" for row in rows]
    return [f"**{title}**, such as `{SLASH} {example}`", *lines] if rows else []


def unknown(words: Words) -> Response:
    """For what is no command: the text as a goal, or the nearest command. Many goals begin with a word that is near
    to one, and whoever follows a wrong guess stops or denies something."""
    text = f"{words.word} {words.rest}".strip()
    near = nearest(words.word)
    if looks_like_a_goal(text) and not (near and _goes_on(near, words.rest)):
        said = f"To start a task write `{SLASH} run {quoted(text)}`."
    elif near:
        said = f"Did you mean `{SLASH} {near}{_tail(words.rest)}`?"
    else:
        said = f"`{SLASH} help` lists the commands."
    return Response(text=f"There is no command `{short(words.word, 40)}`. {said}", tone="warning")


def _goes_on(word: str, rest: str) -> bool:
    """Whether the rest is what follows this command."""
    return fits(word, rest) or (word == "notify" and rest.split()[0].lower() in ("on", "off", "list"))


def _tail(text: str) -> str:
    return f" {quoted(text)}" if text else ""
