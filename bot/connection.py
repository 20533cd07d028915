"""What a chat platform's connection adds to the bot's HTTP server."""

from dataclasses import dataclass

from fastapi import APIRouter

from threadwork.bot.api.health import Check


@dataclass(frozen=True)
class Connection:
    router: APIRouter
    check: Check
