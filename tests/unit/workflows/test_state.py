"""A signal that waits is kept by the name of its signal and its fields, as older runs have stored it."""

from typing import Any

import pytest

from threadwork.workflows.messages import SIGNALS
from threadwork.workflows.signal_handlers import HANDLERS
from threadwork.workflows.signal_rights import RIGHTS
from threadwork.workflows.state import Received

BY = {"platform": "slack", "workspace": "T1", "user_id": "U1"}
STORED: dict[str, dict[str, Any]] = {
    "pause_execution": {"reason": "lunch", "by": None, "click_id": "k"},
    "raise_grant": {"click_id": "k", "by": BY, "add_usd": 1.0, "add_tokens": 0, "add_iterations": 0},
    "add_follow_up": {"message_id": "m", "by": BY, "preview": "Again", "ref": "reply:m"},
}


@pytest.mark.parametrize("signal", STORED)
def test_a_stored_signal_has_its_type_again_and_is_stored_as_it_was(signal: str) -> None:
    received = Received.model_validate({"signal": signal, "body": STORED[signal]})
    assert type(received.body) is SIGNALS[signal]
    again = Received.model_validate_json(received.model_dump_json())
    assert again == received
    body = again.model_dump(mode="json")["body"]
    assert body["by"] is None or {key: body["by"][key] for key in BY} == BY
    assert body | STORED[signal] == body | {"by": STORED[signal]["by"]}  # newer fields have their defaults


def test_every_signal_has_a_handler_and_says_who_may_send_it() -> None:
    assert HANDLERS.keys() == SIGNALS.keys() == RIGHTS.keys()
