"""What a chat platform's connection adds to the bot's HTTP server."""

from dataclasses import dataclass

from fastapi import APIRouter

from threadwork.bot.api.health import Check


@dataclass(frozen=True)
class Connection:
    """A platform's routes on the HTTP server, and its check for /readyz."""

    router: APIRouter
    check: Check
