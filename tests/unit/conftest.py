"""What several of these tests stand on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from threadwork.bot.settings import Settings


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working directory, and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.lower() in Settings.model_fields or name.startswith("THREADWORK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def load(bare: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings that these variables, and no others, come to."""

    def load(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return Settings.load()

    return load
