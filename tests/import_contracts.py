"""Contracts of import-linter for all chat platforms: their folders are read from the rows."""

from typing import Any

from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract

from threadwork.workflows.platform_registry import PLATFORMS

FOLDERS = [f"threadwork.adapters.{row.name}" for row in PLATFORMS]


class PlatformsApart(IndependenceContract):
    """No platform's folder knows another one. `modules` are those folders."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        super().__init__(name, session_options, {**contract_options, "modules": FOLDERS})


class PlatformsUnknown(ForbiddenContract):
    """`source_modules` know no platform's folder, nor `forbidden_modules`: the SDKs."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        forbidden = [*contract_options.get("forbidden_modules", ()), *FOLDERS]
        super().__init__(name, session_options, {**contract_options, "forbidden_modules": forbidden})
