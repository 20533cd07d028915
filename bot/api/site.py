"""What an HTTP server of ours needs to know beside the ports."""

from dataclasses import dataclass

from fastapi import APIRouter

from threadwork.bot.api.health import Check


@dataclass(frozen=True)
class Site:
    token: str | None = None  # asked of everybody; None: only this machine is let in
    temporal_ui: str | None = None  # URL
    checks: tuple[Check, ...] = ()  # what /readyz asks
    routers: tuple[APIRouter, ...] = ()  # what chat platforms are answered at
