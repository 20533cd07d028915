"""Buttons that prove where they come from. Mattermost does not sign what it calls an integration with, but it keeps an
action's `context` to itself, so each context brings a signature over what its button asks for, and over its channel."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.errors import Rejected

STYLES = {"plain": "default", "primary": "primary", "danger": "danger"}

CONFIRM = "confirm"  # in a context: what is asked before the button counts


def actions(buttons: Iterable[Button], url: str, secret: str, channel: str) -> list[dict[str, Any]]:
    """Actions of a message attachment. `url`: where Mattermost calls us; ids have letters and digits only."""
    return [
        {
            "id": f"b{number}",
            "name": button.label,
            "type": "button",
            "style": STYLES[button.style],
            "integration": {"url": url, "context": _context(button, secret, channel)},
        }
        for number, button in enumerate(buttons)
    ]


def _context(button: Button, secret: str, channel: str) -> dict[str, str]:
    """What is asked before it counts needs no signature: clients never see a context."""
    asks = {CONFIRM: button.confirm} if button.confirm else {}
    return signed(button.press, secret, channel) | asks


def signed(press: Click, secret: str, channel: str) -> dict[str, str]:
    encoded = press.encode()
    return {"press": encoded, "signature": _signature(secret, channel, encoded)}


def pressed(body: Mapping[str, Any], secret: str) -> Click:
    """What the button of an integration's request asks for. Raises `Rejected` unless we made it, for that channel."""
    context = body.get("context")
    given = context if isinstance(context, dict) else {}
    encoded, channel = str(given.get("press", "")), str(body.get("channel_id", ""))
    expected = _signature(secret, channel, encoded)
    if not hmac.compare_digest(expected.encode(), str(given.get("signature", "")).encode()):
        raise Rejected("This button was not made by Threadwork, or not for this channel.")
    return Click.decode(encoded)


def _signature(secret: str, channel: str, encoded: str) -> str:
    return hmac.new(secret.encode(), f"{channel}|{encoded}".encode(), hashlib.sha256).hexdigest()
