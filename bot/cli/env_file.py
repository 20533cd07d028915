"""`.env`: variables are added, never changed."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from threadwork.workflows.errors import Rejected


def append(path: Path, values: Mapping[str, str]) -> list[str]:
    """Add what is not there, and say which names that were. An empty value is a line for people to fill in.

    The file is its owner's alone from then on: it holds secrets. Raises `Rejected`."""
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        there = dotenv_values(path)
        added = {name: value for name, value in values.items() if not there.get(name) and (value or name not in there)}
        if added:
            _write(path, before, "".join(f"{name}={value}\n" for name, value in added.items()))
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"{path} cannot be written: {getattr(error, 'strerror', None) or 'it is no text'}.") from None
    return list(added)


def _write(path: Path, before: str, lines: str) -> None:
    gap = "" if not before or before.endswith("\n") else "\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(gap + lines)
