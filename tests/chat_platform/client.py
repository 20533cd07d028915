"""What a test asks of the platform behind its clients' backs."""

from typing import Any

import httpx

from tests.chat_platform.faults import Fault
from tests.chat_platform.journal import Call, Violation
from tests.chat_platform.state import Message

TIME_OUT = 10.0  # seconds; the answers themselves take milliseconds


class ChatPlatform:
    """A platform that runs at `url`. Its methods block for a few milliseconds."""

    def __init__(self, url: str) -> None:
        self.url = url

    def state(self) -> list[Message]:
        """Every message ever posted, deleted ones too, oldest first."""
        return [Message.model_validate(_without_text(m)) for m in self._get("/state")["messages"]]

    def messages(self, channel: str, thread: str | None = None) -> list[Message]:
        """What people see in a channel, oldest first. `thread`: only its replies; empty: only root messages."""
        seen = (m for m in self.state() if m.channel == channel and not m.deleted)
        return [m for m in seen if thread is None or m.thread == thread]

    def doubles(self) -> list[str]:
        """Marks that more than one message that people see carries."""
        marks = [(m.channel, m.mark) for m in self.state() if m.mark and not m.deleted]
        return sorted({mark for channel, mark in marks if marks.count((channel, mark)) > 1})

    def calls(self, method: str | None = None) -> list[Call]:
        """Every call, in the order of arrival."""
        calls = [Call.model_validate(call) for call in self._get("/calls")]
        return [call for call in calls if method in (None, call.method)]

    def violations(self) -> list[Violation]:
        return [Violation.model_validate(violation) for violation in self._get("/violations")]

    def faults(self, *faults: Fault) -> None:
        """Misbehave so from now on, and in no other way; without any, behave."""
        self._post("/faults", [fault.model_dump() for fault in faults])

    def settings(self, **settings: Any) -> None:
        """Begin anew with these settings (fields of `Settings`), the others as usual."""
        limits = [limit.model_dump() for limit in settings.pop("limits", ())]
        self._post("/settings", {**settings, "limits": limits})

    def reset(self) -> None:
        """Forget messages, calls, violations and faults; the settings stay."""
        self._post("/reset", {})

    def _get(self, path: str) -> Any:
        answer = httpx.get(f"{self.url}{path}", timeout=TIME_OUT, trust_env=False, verify=False)
        return answer.raise_for_status().json()

    def _post(self, path: str, body: Any) -> None:
        answer = httpx.post(f"{self.url}{path}", json=body, timeout=TIME_OUT, trust_env=False, verify=False)
        assert answer.is_success, answer.text


def _without_text(message: dict[str, Any]) -> dict[str, Any]:
    """The text as it reads now is for people who look at `/state`; it is the last version's."""
    return {name: value for name, value in message.items() if name != "text"}
