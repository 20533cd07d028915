"""What a chat platform's door adds to the bot's HTTP server."""

from dataclasses import dataclass

from fastapi import APIRouter

from bot.api.health import Check


@dataclass(frozen=True)
class Doorway:
    router: APIRouter
    check: Check
