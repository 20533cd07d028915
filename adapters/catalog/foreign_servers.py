"""Tool servers that other programs declare, read where threadwork.yaml names their file, and never trusted."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from threadwork.adapters.catalog.kinds import safe_name
from threadwork.workflows.servers import ServerSpec
from threadwork.workflows.values import preview

USUAL = (".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json")
LARGE = 1_000_000  # bytes
HEADINGS = ("mcpServers", "servers")  # of Claude Code, Cursor and others; of VS Code
URLS = ("url", "serverUrl", "httpUrl")
OWN_FOLDERS = (".cursor", ".vscode")  # of programs, in the folder of the project
ENVIRONMENT = re.compile(r"\$\{env:(\w+)\}")
ASKED = re.compile(r"\$\{input:([\w.-]+)\}")
REMARK, LAST_COMMA = re.compile(r"^\s*//.*$", re.MULTILINE), re.compile(r",(\s*[}\]])")
APPROVES = ("autoApprove", "alwaysAllow", "trust")


@dataclass
class Foreign:
    """What is in such files."""

    servers: dict[str, ServerSpec] = field(default_factory=dict)
    off: list[str] = field(default_factory=list)  # names of those that are switched off there
    notes: list[str] = field(default_factory=list)  # what is told of them at the start
    problems: list[str] = field(default_factory=list)  # `file: key: what is wrong`


def foreign_servers(files: Collection[str], folder: Path, own: Collection[str]) -> Foreign:
    """`folder`: where threadwork.yaml is. Servers in `own` are declared there; they are not taken from elsewhere."""
    found = Foreign()
    for name in files:
        path = folder / name
        try:
            declared = _declared(path)
        except ValueError as error:
            found.problems.append(f"{name}: {error}")
            continue
        for key, given in declared.items():
            _take(found, name, path, str(key), given, own)
    return found


def lying_about(folder: Path) -> dict[str, list[str]]:
    """Files of other programs in a folder, and the servers that each declares."""
    return {name: names for name in USUAL if (names := _names(folder / name))}


def _names(path: Path) -> list[str]:
    try:
        return [str(name) for name in _declared(path)]
    except ValueError:
        return []


def _declared(path: Path) -> dict[str, Any]:
    """Raises `ValueError` that says what is wrong with the file as a whole."""
    try:
        if path.stat().st_size > LARGE:
            raise ValueError(f"is too large; at most {LARGE:,} bytes are read")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    data = _json(text)
    heading = next((data[name] for name in HEADINGS if isinstance(data, dict) and name in data), None)
    if not isinstance(heading, dict):
        raise ValueError(f"declares no tool servers; put them under {' or '.join(HEADINGS)}")
    return heading


def _json(text: str) -> Any:
    """Also with remarks and a comma too many, as these programs allow."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        try:
            return json.loads(LAST_COMMA.sub(r"\1", REMARK.sub("", text)))
        except json.JSONDecodeError as error:
            raise ValueError(f"line {error.lineno}: is not JSON: {error.msg}") from None
        except RecursionError:
            raise ValueError("is nested too deeply") from None


def _take(found: Foreign, file: str, path: Path, key: str, given: Any, own: Collection[str]) -> None:
    where = f"{file}: {preview(key, 80)}"
    name = safe_name(key)
    if not isinstance(given, dict):
        found.problems.append(f"{where}: must be an object with command or url")
    elif name in own or name in found.servers:
        found.notes.append(f"{where}: left out: there is already a server {name}.")
    elif given.get("disabled") is True or given.get("enabled") is False:
        found.off.append(name)
    else:
        try:
            found.servers[name] = _spec(given, path)
        except ValueError as error:
            found.problems += [f"{where}{wrong}" for wrong in _wrong(error)]
        found.notes += [f"{where}: is called {name} here."] if name != key else []
        found.notes += [
            f"{where}: its {approval} has no effect here; use tools under agents." for approval in _approvals(given)
        ]


def _approvals(given: dict[str, Any]) -> Iterator[str]:
    return (key for key in APPROVES if given.get(key))


def _wrong(error: ValueError) -> list[str]:
    if not isinstance(error, ValidationError):
        return [f": {error}"]
    details = error.errors(include_url=False, include_input=False)
    return [
        f"{''.join(f'.{step}' for step in one['loc'])}: {one['msg'].removeprefix('Value error, ')}" for one in details
    ]


def _spec(given: dict[str, Any], path: Path) -> ServerSpec:
    """Raises `ValueError`. What is not known is left to the program that it is for."""
    folder = path.absolute().parent
    folder = folder.parent if folder.name in OWN_FOLDERS else folder
    known = {key: _filled(given[key], folder) for key in ("command", "args", "env", "cwd", "headers") if given.get(key)}
    url = next((given[key] for key in URLS if given.get(key)), None)
    if url is not None and "command" not in known:
        known = {"url": _filled(url, folder), "headers": known.get("headers", {}), "sse": given.get("type") == "sse"}
    if isinstance(known.get("env"), dict):
        known["env"] = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in known["env"].items()
        }
    if "command" in known:
        known |= {"cwd": str(folder / str(known.get("cwd") or "."))}
        known.pop("headers", None)
    return ServerSpec.model_validate(known)


def _filled(value: Any, folder: Path) -> Any:
    """Variables in our way of writing them; what a program would ask a person for is one of its name."""
    if isinstance(value, dict):
        return {key: _filled(one, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, folder) for one in value]
    if not isinstance(value, str):
        return value
    text = ENVIRONMENT.sub(r"${\1}", value).replace("${workspaceFolder}", str(folder)).replace("${userHome}", "${HOME}")
    return ASKED.sub(lambda match: f"${{{re.sub(r'[^A-Za-z0-9]', '_', match[1]).upper()}}}", text)
