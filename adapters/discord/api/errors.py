"""What Discord's refusals mean to us: gone for good, gone as a message, not now, or never in this form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from threadwork.adapters.chat.one_try import DEFAULT_RETRY_AFTER, unanswered
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone, ThreadworkError

# Discord's own numbers, from discord.com/developers/docs/topics/opcodes-and-status-codes.
UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_MESSAGE, UNKNOWN_GUILD = 10_003, 10_007, 10_008, 10_004
NO_ACCESS, NOT_OURS, NO_PERMISSION = 50_001, 50_005, 50_013
ARCHIVED, HAS_THREAD, LOCKED = 50_083, 160_004, 160_005
NO_HISTORY = 160_002  # of an answer to a message: the bot may not read what was said before


class Refused(Exception):
    """Discord's answer is no."""

    def __init__(
        self, status: int, code: int, message: str, retry_after: float | None = None, everywhere: bool = False
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code  # its own number, 0 where it has none
        self.message = message  # its own words, free of what was sent; empty where somebody else answered
        self.retry_after = retry_after  # seconds of silence that it asks for
        self.everywhere = everywhere  # of a 429: the silence is for all calls, not for this route alone


Make = Callable[[str], ThreadworkError]  # from the channel's id


def _gone(detail: str, hint: str) -> Make:
    return lambda channel: SinkGone(detail.format(channel=channel), hint)


def _no_message(channel: str) -> ThreadworkError:
    return NotFound(f"The message in the Discord channel {channel} is gone, or not ours to change.")


_NO_TOKEN = _gone(
    "Discord no longer accepts the bot's token.", "Give the bot a new one (DISCORD_BOT_TOKEN), then ask again."
)
_NO_CHANNEL = _gone("The Discord channel {channel} no longer exists.", "Ask again in another channel.")
_NO_ACCESS = _gone(
    "The bot cannot see the Discord channel {channel}.", "Give it View Channel there, or ask in another channel."
)
_FORBIDDEN = _gone(
    "The bot may not post in the Discord channel {channel}.",
    "Give it Send Messages, Send Messages in Threads, Embed Links and Read Message History there, then ask again.",
)
_LOCKED = _gone("The thread in the Discord channel {channel} is locked.", "Unlock it, or ask again in the channel.")
_NO_DIRECT = _gone(
    "Discord accepts no direct message from the bot to this person.",
    "Allow direct messages from members of the server, or ask in a channel.",
)

# Not here: `Rejected`, which no repetition would mend.
ERRORS: dict[int, Make] = {
    UNKNOWN_CHANNEL: _NO_CHANNEL,
    UNKNOWN_GUILD: _NO_ACCESS,
    UNKNOWN_MESSAGE: _no_message,
    NO_ACCESS: _NO_ACCESS,
    NOT_OURS: _no_message,
    NO_PERMISSION: _FORBIDDEN,
    NO_HISTORY: _FORBIDDEN,
    50_007: _NO_DIRECT,
    50_008: _FORBIDDEN,  # a channel that takes no text
    ARCHIVED: _LOCKED,  # and reopening it was refused
    LOCKED: _LOCKED,
    40_058: _gone("The post in {channel} has no first message of its author yet.", "Ask again once it has."),
}
STATUSES: dict[int, Make] = {401: _NO_TOKEN, 403: _FORBIDDEN, 404: _NO_CHANNEL}


@contextmanager
def translated(channel: str) -> Iterator[None]:
    """Refusals and lost connections as errors of ours, free of tokens and of what was said.

    Raises `SinkGone`, `NotFound` and `Rejected` for refusals; `ChatUnavailable` with the seconds to wait where the
    call certainly had no effect, and without them where nobody knows."""
    with unanswered("Discord"):
        try:
            yield
        except Refused as error:
            raise meaning(error, channel) from None


def meaning(error: Refused, channel: str) -> ThreadworkError:
    """What Discord's answer means. The number says more than the status, where there is one; without words of
    Discord's it was the edge before it that answered, whose refusals pass."""
    if error.status == 429:
        wait = error.retry_after or DEFAULT_RETRY_AFTER
        return ChatUnavailable("Discord is called too fast.", retry_after=wait, everywhere=error.everywhere)
    if error.status >= 500 or not error.message:
        return ChatUnavailable(f"Discord answered {error.status}.")
    make = ERRORS.get(error.code) or STATUSES.get(error.status)
    return make(channel) if make else Rejected(f"Discord refused the message: {error.message} ({error.code}).")
