"""`notify on|off|list`: channels that are told of tasks, wherever these live."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from threadwork.bot.access import Forbidden, check_may_run
from threadwork.bot.chat.commands import notify_answers
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.names import channel_id, person_id, with_ids
from threadwork.bot.chat.rights import Rights
from threadwork.bot.chat.words import OPTION, Words, nearest, option_field, option_value
from threadwork.workflows.access import apart
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.subscriptions import KINDS, USUAL, Kind, Subscription
from threadwork.workflows.values import Value, digest

MAX_SUBSCRIPTIONS = 20  # subscriptions of a channel
KIND_ALIASES: dict[str, Kind] = {  # what people also say
    "all": "everything",
    "failure": "failed",
    "failures": "failed",
    "approvals": "approval",
    "questions": "question",
    "budgets": "budget",
    "completions": "completed",
    "done": "completed",
    "stops": "stopped",
}


async def handle(context: Context, word: str, rest: str) -> Response:
    """Lists, adds or ends subscriptions. Raises `Rejected` for words that mean nothing."""
    words = parse_notify(with_ids(context.source, rest))
    act = ACTS.get(words.act or "list")
    if act is None:
        near = nearest(words.act, tuple(ACTS)) or "on"
        raise Rejected(f"`{SLASH} notify {words.act[:40]}` means nothing.", f"Did you mean `{SLASH} notify {near}`?")
    return await act(context, words)


def is_meant(words: Words) -> bool:
    """Whether a message to the bot is this command, rather than a goal that begins with the word."""
    return words.word == "notify" and words.rest.split(maxsplit=1)[:1] in [[act] for act in ACTS]


# --- what is typed -------------------------------------------------------------------------------------


class NotifyWords(Value):
    """What a channel is to be told of. All as typed; empty: not given."""

    act: str = ""  # on, off, list
    kinds: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


NOTIFY_FIELDS = {"agent": "agents", "by": "people", "in": "channels"}
_WORD = re.compile(r"[\s,;]*([^\s,;]+)")


def parse_notify(rest: str) -> NotifyWords:
    """`on [kinds] [--agent a] [--by @someone] [--in #channel]`, in any order; an option may be given several times.

    Raises `Rejected` for an option there is not, or without its value."""
    words: list[str] = []
    given: dict[str, list[str]] = {field: [] for field in NOTIFY_FIELDS.values()}
    while rest.strip(" ,;\n"):
        if found := OPTION.match(rest):
            field = option_field(found["name"], NOTIFY_FIELDS)
            given[field].append(option_value(found["name"], found["value"], f"{SLASH} notify on --{{}} …"))
        else:
            found = _WORD.match(rest)
            words.append(found[1].lower() if found else rest)
        rest = rest[found.end() :] if found else ""
    act, *kinds = words or [""]
    return NotifyWords.model_validate({"act": act, "kinds": kinds, **given})


# --- on ------------------------------------------------------------------------------------------------


async def _on(context: Context, words: NotifyWords) -> Response:
    subscription = await _subscription(context, words)
    here = [one for one in await _known(context) if _is_here(context, one)]
    if len(here) >= MAX_SUBSCRIPTIONS and subscription.subscription_id not in {one.subscription_id for one in here}:
        raise Rejected(
            f"This channel has {MAX_SUBSCRIPTIONS} subscriptions already.", f"`{SLASH} notify off` ends them."
        )
    for one in here:
        await _revive(context, one)
    await context.ports.subscriptions.put(subscription)
    names = {id_: name for name, id_ in (*context.source.people, *context.source.channels)}
    return notify_answers.subscribed(subscription, names)


async def _subscription(context: Context, words: NotifyWords) -> Subscription:
    """Raises `Rejected` for what there is not, and `Forbidden`."""
    source = context.source
    whose = {
        "agents": await _agents(context, words.agents),
        "requesters": tuple(person_id(source, name) for name in words.people) or ("*",),
        "channels": tuple(channel_id(source, name) for name in words.channels) or ("*",),
    }
    return Subscription(
        subscription_id=digest([source.sink.key, whose]),  # asked for again, with other kinds perhaps, it is the same
        sink=source.sink,
        on=tuple(_kind(word) for word in words.kinds) or USUAL,
        by=source.by,
        created_at=datetime.now(UTC),
        **whose,
    )


def _kind(word: str) -> Kind:
    known: dict[str, Kind] = {kind: kind for kind in KINDS} | KIND_ALIASES
    if word not in known:
        near = nearest(word, KINDS)
        meant = f"Did you mean `{near}`? " if near else ""
        raise Rejected(f"There is no kind `{word[:40]}`.", f"{meant}There are: {', '.join(KINDS)}.")
    return known[word]


async def _agents(context: Context, names: tuple[str, ...]) -> tuple[str, ...]:
    """Who may run an agent may be told of its tasks. Without names: all that the person may run."""
    if names:
        return tuple([await _named(context, name) for name in names])
    rights, agents = Rights(context.source.by, context.ports.directory), await context.ports.catalog.agents()
    runnable = tuple([agent.name for agent in agents if await rights.may_run(agent)])
    if not runnable:
        raise Forbidden("There is no agent that you may run.", "Whoever keeps threadwork.yaml can add you.")
    return ("*",) if len(runnable) == len(agents) else runnable


async def _named(context: Context, name: str) -> str:
    try:
        agent = await context.ports.catalog.agent(name)
    except NotFound as error:
        raise Rejected(error.detail, error.hint) from None
    await check_may_run(context.source.by, agent, context.ports.directory)
    return agent.name


async def _revive(context: Context, one: Subscription) -> None:
    """Somebody speaks here: what died is tried again."""
    if one.failure and one.source == "file":
        await context.ports.subscriptions.remove(one.subscription_id)
    elif one.failure:
        await context.ports.subscriptions.put(one.model_copy(update={"failure": ""}))


# --- off, and the list ---------------------------------------------------------------------------------


async def _off(context: Context, words: NotifyWords) -> Response:
    """Raises `Forbidden` where all that people asked for here is beyond this person."""
    here = [one for one in await _known(context) if _is_here(context, one)]
    asked_for = [one for one in here if one.source == "chat"]
    ended = await _endable(context, asked_for)
    if asked_for and not ended:
        raise Forbidden(
            "This channel gets updates on agents that you may not run.", "Somebody who may run them can end it."
        )
    for one in ended:
        await context.ports.subscriptions.remove(one.subscription_id)
    return notify_answers.unsubscribed(ended, [one for one in here if one not in ended])


async def _endable(context: Context, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """What the person asked for, and what is about agents that they may run: they could ask for it again."""
    rights, agents = Rights(context.source.by, context.ports.directory), await context.ports.catalog.agents()
    runnable = {agent.name for agent in agents if await rights.may_run(agent)}
    closed = {agent.name for agent in agents} - runnable

    async def may_end(one: Subscription) -> bool:
        theirs = one.by is not None and await rights.is_me(one.by)
        return theirs or bool(runnable if "*" in one.agents else not closed & set(one.agents))

    return [one for one in subscriptions if await may_end(one)]


async def _list(context: Context, words: NotifyWords) -> Response:
    known = await _known(context)
    here = [one for one in known if _is_here(context, one)]
    dead = [one for one in known if one.failure and one not in here and not _is_elsewhere(context, one.sink)]
    return notify_answers.subscriptions(here, dead)


async def _known(context: Context) -> list[Subscription]:
    """Those of the file, with what became of them, and those that people made."""
    rows = {one.subscription_id: one for one in await context.ports.subscriptions.all()}
    of_file = [rows.get(one.subscription_id, one) for one in await context.ports.catalog.subscriptions()]
    return [*of_file, *(one for one in rows.values() if one.source == "chat")]


def _is_here(context: Context, one: Subscription) -> bool:
    here = context.source.sink
    return one.sink.place == here.place and one.sink.workspace in ("", here.workspace)


def _is_elsewhere(context: Context, sink: Sink) -> bool:
    """Other workspaces of this platform are none of these people's business."""
    here = context.source.sink
    return bool(sink.workspace) and apart({(here.platform, here.workspace)}, {(sink.platform, sink.workspace)})


ACTS: dict[str, Callable[[Context, NotifyWords], Awaitable[Response]]] = {"on": _on, "off": _off, "list": _list}
