"""The platforms whose threads are looked at message by message: marks, files, and what of it stands where."""

from typing import Any, NamedTuple, Protocol

from tests.adapters.ports.chat_harnesses import SLACK_METHODS, DiscordHarness, Harness, SlackHarness
from tests.chaos.discord_crowd import mark_of as mark_in_discord
from tests.chaos.discord_crowd import root_of
from tests.chaos.slack_crowd import mark_of as mark_in_slack
from tests.fake_slack.faults import Fault

UPLOADS = ("files.getUploadURLExternal", "files.completeUploadExternal")


class Standing(NamedTuple):
    """A card of ours that people see."""

    mark: str
    message_id: str
    root: str  # the message it hangs under; empty: it stands in the channel
    files: tuple[str, ...]  # names


class Ground(Harness, Protocol):
    def standing(self) -> list[Standing]:
        """In the channel and in all threads of it, oldest first."""

    def takes_plans(self, taken: bool) -> None:
        """Whether the platform knows plans of its own."""

    def tries(self) -> tuple[int, int]:
        """Calls that post, and calls of any other kind, but for reactions, which follow behind."""


class SlackGround(SlackHarness):
    def struck(self, *faults: dict[str, Any]) -> None:
        """`upload` is a method, too."""
        methods = {**SLACK_METHODS, "upload": UPLOADS}
        named = ({**fault, "methods": methods[fault["methods"][0]]} for fault in faults)
        self._fake.faults(*(Fault(**fault) for fault in named))

    def standing(self) -> list[Standing]:
        return [
            Standing(mark_in_slack(one), one.ts, one.thread_ts, tuple(file.name for file in one.files))
            for one in self._fake.messages("C1")
            if not one.deleted
        ]

    def takes_plans(self, taken: bool) -> None:
        self._fake.change(unknown_blocks=() if taken else ("plan",))

    def tries(self) -> tuple[int, int]:
        called = [call.method for call in self._fake.calls() if not call.method.startswith(("reactions.", "auth."))]
        return called.count("chat.postMessage"), len(called) - called.count("chat.postMessage")


class DiscordGround(DiscordHarness):
    def struck(self, *faults: dict[str, Any]) -> None:
        """A file travels with its message: there is nothing else to strike."""
        super().struck(*(fault for fault in faults if "upload" not in fault["methods"]))

    def standing(self) -> list[Standing]:
        threads = {place.id for place in self._fake.threads()}
        return [
            Standing(mark, one.id, root_of(one, one.channel in threads), tuple(file.name for file in one.files))
            for one in self._fake.messages()
            if (mark := mark_in_discord(one))
        ]

    def takes_plans(self, taken: bool) -> None:
        """It knows none, so nothing changes."""

    def tries(self) -> tuple[int, int]:
        called = [call.method for call in self._fake.calls() if "reaction" not in call.method]
        return called.count("create_message"), len(called) - called.count("create_message")


GROUNDS: dict[str, Any] = {"fake_slack": SlackGround, "fake_discord": DiscordGround}  # by the fixture of the platform
