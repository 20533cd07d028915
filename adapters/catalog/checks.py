"""A configuration file, checked as a whole: its form, its shape, and what its parts say of each other."""

import json
from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from threadwork.adapters.catalog.problems import ConfigError, Problem, choice, dotted, shape_problems
from threadwork.adapters.catalog.shape import CatalogShape
from threadwork.adapters.catalog.yaml_source import YamlSource
from threadwork.workflows.values import preview

_STARTS = ("schedule", "webhook", "reaction", "keyword")
_OF_COMMAND = ("args", "env", "cwd")
_OF_URL = ("headers", "auth")
MAX_PROBLEMS = 100  # lines of mistakes that are told


def checked(
    source: YamlSource, skills: Collection[str], file: str, more: Collection[str] = (), foreign: Collection[str] = ()
) -> CatalogShape:
    """The file in its shape. `foreign`: names of tool servers that other files declare.

    Raises `ConfigError` with all mistakes, `more` (whole lines) included."""
    data = _without_empty(source.data)
    shape, problems = _shape(data)
    if isinstance(data, dict):
        found = chain(_servers(data), _models(data), _agents(data, skills, foreign), _triggers(data), _mentions(data))
        problems += islice(found, MAX_PROBLEMS)  # each is compared with all names there are
        problems = [*(one for one in problems if one[0] not in source.empty), *_empty(source)]
    lines = {(line, f"{file}:{line}: {sentence}") for line, sentence in source.problems}
    lines |= {(source.line(path), _line(file, source, path, sentence)) for path, sentence in problems}
    if lines or more or shape is None:
        raise ConfigError(_bounded([*(text for _, text in sorted(lines)), *more]))
    return shape


def _bounded(lines: list[str]) -> list[str]:
    """Nobody reads a thousand lines to begin with."""
    return lines if len(lines) <= MAX_PROBLEMS else [*lines[:MAX_PROBLEMS], "… and more"]


def _empty(source: YamlSource) -> Iterator[Problem]:
    """Keys with nothing behind them. What was meant to be there is missing, or the key is one too many."""
    for path in source.empty:
        is_heading = len(path) <= 1 or (len(path) == 2 and path[0] == "agents")
        if not is_heading:
            yield path, "is empty; write a value, or remove the line"


def _without_empty(data: Any) -> Any:
    """A heading with nothing under it is as good as none; so is an agent of which nothing is said."""
    if not isinstance(data, dict):
        return {} if data is None else data
    data = {key: value for key, value in data.items() if value is not None}
    if isinstance(data.get("agents"), dict):
        data["agents"] = {name: {} if agent is None else agent for name, agent in data["agents"].items()}
    return data


def _shape(data: Any) -> tuple[CatalogShape | None, list[Problem]]:
    try:
        # JSON is what pydantic is strict about without minding lists for tuples
        return CatalogShape.model_validate_json(json.dumps(data), strict=True, extra="forbid"), []
    except ValidationError as error:
        return None, shape_problems(error, CatalogShape)


def _line(file: str, source: YamlSource, path: tuple[str | int, ...], sentence: str) -> str:
    where, told = f"{file}:{source.line(path)}: ", preview(sentence, 600)
    return f"{where}{preview(dotted(path), 200)}: {told}" if path else f"{where}{told}"


def _servers(data: dict[str, Any]) -> Iterator[Problem]:
    for name, server in _mappings(data, "mcpServers"):
        path = ("mcpServers", name)
        server = {key: value for key, value in server.items() if value is not None}
        if "command" in server and "url" in server:
            yield path, "has both command and url; a server is either started here or called over HTTP"
        elif "command" not in server and "url" not in server:
            yield path, "needs a command (a program to start) or a url (a server to call)"
        for key in _OF_URL if "command" in server else _OF_COMMAND:
            if key in server and not ("command" in server and "url" in server):
                yield (*path, key), f"goes with {'url' if 'command' in server else 'command'} only"
        auth = server.get("auth")
        if isinstance(auth, dict) and auth.get("client_secret") and not auth.get("client_id"):
            yield (*path, "auth", "client_secret"), "goes with a client_id only"


def _models(data: dict[str, Any]) -> Iterator[Problem]:
    entries = _mappings(data, "models")
    for name, body in entries:
        model, path = body.get("model"), ("models", name, "model")
        if not isinstance(model, str):
            continue
        if model.startswith("demo/"):
            yield path, "is built in and needs no entry; use its own name"
        elif model in dict(entries):
            yield path, f'is another entry; write the name that the provider has for it (is "{model}")'
        elif "base_url" in body and "/" not in model:
            yield path, f'needs its provider in front, such as "openai/{model}" for an OpenAI-style API'


def _agents(data: dict[str, Any], skills: Collection[str], foreign: Collection[str]) -> Iterator[Problem]:
    servers = [*(name for name, _ in _mappings(data, "mcpServers")), *foreign]
    agents = [name for name, _ in _mappings(data, "agents")]
    for agent, body in _mappings(data, "agents"):
        path = ("agents", agent)
        for place, name in _texts(body, "servers"):
            if name not in servers:
                yield (*path, *place), f'there is no server "{name}"{choice(name, servers)}'
        for place, name in _texts(body, "delegates"):
            if name not in (*agents, "*"):
                yield (*path, *place), f'there is no agent "{name}"{choice(name, agents)}'
        for place, name in _texts(body, "skills"):
            if name not in skills:
                yield (*path, *place), f'there is no skill "{name}"{choice(name, skills)}'
        yield from _escalation(body, path)
        if short := _quorum(body, data.get("access")):
            yield (*path, "approvals", "quorum"), short
        tools = body.get("tools")
        for place, pattern in _patterns(tools if isinstance(tools, dict) else {}):
            server = pattern.partition(".")[0]
            if "." in pattern and "*" not in server and server not in servers:
                yield (*path, "tools", *place), f'there is no server "{server}"{choice(server, servers)}'


def _escalation(agent: dict[str, Any], path: tuple[str, ...]) -> Iterator[Problem]:
    """What `on_expiry` and `escalate` say of each other."""
    approvals = agent.get("approvals")
    if not isinstance(approvals, dict):
        return
    escalate, on_expiry = approvals.get("escalate"), approvals.get("on_expiry", "deny")
    if on_expiry == "escalate" and escalate is None:
        yield (*path, "approvals", "on_expiry"), "needs escalate.to, who is asked then"
    if isinstance(escalate, dict) and "after" not in escalate and on_expiry != "escalate":
        yield (*path, "approvals", "escalate"), "needs after, such as 30m; or on_expiry: escalate"
    if on_expiry != "deny" and approvals.get("expire") == "never":
        yield (*path, "approvals", "on_expiry"), "never comes about with expire: never"


def _quorum(agent: dict[str, Any], access: Any) -> str:
    """Empty unless more approvals are asked for than there are people to give them."""
    approvals = agent.get("approvals")
    approvals = approvals if isinstance(approvals, dict) else {}
    everyone = access.get("approve", ["*"]) if isinstance(access, dict) else ["*"]
    quorum, names = approvals.get("quorum"), approvals.get("approvers", everyone)
    if not isinstance(quorum, int) or not isinstance(names, list):
        return ""
    keys = {str(name) for name in names if ":" in str(name)}
    ids = {key.rpartition(":")[2] for key in keys}  # who stands there by key and by id is one person
    people = keys | {str(name) for name in names if str(name) not in ids}
    if quorum <= len(people) or any(name == "*" or name.startswith(("group:", "role:")) for name in people):
        return ""
    return f"must be at most {len(people)}, the number of people named as approvers (is {quorum})"


def _triggers(data: dict[str, Any]) -> Iterator[Problem]:
    for name, trigger in _mappings(data, "triggers"):
        path, starts = ("triggers", name), [key for key in _STARTS if key in trigger]
        if len(starts) != 1:
            yield path, f"needs exactly one of {', '.join(_STARTS)}" + (f" (has {', '.join(starts)})" if starts else "")
        elif starts[0] in ("schedule", "webhook") and "to" not in trigger:
            yield path, f'a {starts[0]} needs "to", the channel in which its thread opens'


def _mentions(data: dict[str, Any]) -> Iterator[Problem]:
    """Agents that other sections speak of."""
    agents = [name for name, _ in _mappings(data, "agents")]
    known = {*agents, "default"} if len(agents) <= 1 else set(agents)
    for path, name in _mentioned(data):
        if "*" not in name and name not in known:
            yield path, f'there is no agent "{name}"{choice(name, known)}'


def _mentioned(data: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, trigger in _mappings(data, "triggers"):
        agent = trigger.get("agent", "default")
        if isinstance(agent, str):
            yield ("triggers", name, *(("agent",) if "agent" in trigger else ())), agent
    rules = data.get("notify")
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        for place, name in _texts(rule, "agents"):
            yield ("notify", index, *place), name
    access = data.get("access")
    for channel, rule in _mappings(access if isinstance(access, dict) else {}, "channels"):
        for place, name in _texts(rule, "agents"):
            yield ("access", "channels", channel, *place), name


def _mappings(data: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a section that are mappings; what else is wrong with it the shape says."""
    section = data.get(key)
    return [(n, b) for n, b in section.items() if isinstance(b, dict)] if isinstance(section, dict) else []


def _texts(body: Any, key: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    values = body.get(key) if isinstance(body, dict) else None
    for index, value in enumerate(values if isinstance(values, list) else []):
        if isinstance(value, str):
            yield (key, index), value


def _patterns(tools: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for verdict in ("allow", "ask", "deny"):
        yield from _texts(tools, verdict)
