"""What Slack's refusals mean to us: gone for good, gone as a message, not now, or never in this form.

One table for all calls. Whoever delivers a card wants its meaning for the sink (`translated`); whoever asks Slack
something wants Slack's own word where the answer is final (`asking`)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError

from threadwork.adapters.chat.one_try import DEFAULT_RETRY_AFTER, NOW, unanswered
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone, ThreadworkError

EXPIRED = "token_expired"
# The token will never work again: the app was removed, or its token revoked or replaced.
DEAD_TOKEN = frozenset({"account_inactive", "invalid_auth", "invalid_refresh_token", "not_authed", "token_revoked"})


class Refusal(NamedTuple):
    code: str  # Slack's own word
    channel: str
    scope: str = ""  # that is missing


class Refused(ThreadworkError):
    """Slack's answer is no. `code`: Slack's own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused this: {code}.")
        self.code = code


Make = Callable[[Refusal], ThreadworkError]


def _gone(detail: str, hint: str) -> Make:
    return lambda refusal: SinkGone(detail.format(**refusal._asdict()), hint.format(**refusal._asdict()))


def _not_now(detail: str) -> Make:
    """Certainly without effect."""
    return lambda refusal: ChatUnavailable(detail, retry_after=NOW)


def _unclear(refusal: Refusal) -> ThreadworkError:
    """It may have taken effect."""
    return ChatUnavailable(f"Slack could not finish the call ({refusal.code}).")


def _no_message(refusal: Refusal) -> ThreadworkError:
    return NotFound(f"The message in the Slack channel {refusal.channel} is gone, or no longer ours to change.")


_REINSTALL = _gone("Slack no longer accepts the app's token ({code}).", "Install the app again in that workspace.")
_FORBIDDEN = _gone(
    "The app may not post in the Slack channel {channel} ({code}).",
    "Ask an administrator of the workspace, or use another channel.",
)
_NOT_MEMBER = _gone(
    "The app is not a member of the Slack channel {channel}.", "Invite it with /invite there, then ask again."
)
_ARCHIVED = _gone("The Slack channel {channel} is archived.", "Unarchive it, or ask again in another channel.")
_NO_THREAD = _gone("The thread in the Slack channel {channel} was deleted.", "Ask again in the channel.")
_MOVING = _not_now("The Slack workspace or channel is being moved.")
_NO_CHANNEL = _gone(
    "The Slack channel {channel} does not exist, or the app cannot see it.", "Invite the app there, then ask again."
)
_NO_SCOPE = _gone(
    "The Slack app lacks the permission {scope}.", "Add it under OAuth & Permissions, then install the app again."
)

# Codes of the methods' contracts. Not here: `Rejected`, which no repetition would mend.
ERRORS: dict[str, Make] = {
    "channel_not_found": _NO_CHANNEL,
    "is_archived": _ARCHIVED,
    "is_inactive": _ARCHIVED,
    "not_in_channel": _NOT_MEMBER,
    "no_permission": _NOT_MEMBER,
    "thread_not_found": _NO_THREAD,
    "cannot_reply_to_message": _NO_THREAD,
    "missing_scope": _NO_SCOPE,
    "message_not_found": _no_message,
    "cant_update_message": _no_message,
    "cant_delete_message": _no_message,
    "edit_window_closed": _no_message,
    EXPIRED: _not_now("The app's Slack token has expired and is being renewed."),
    "streaming_state_conflict": _not_now("The message is still being written."),
    "invalid_cursor": _not_now("Slack no longer knows where the look-up stopped."),
    "request_timeout": _not_now("Slack did not receive the whole call."),
    **dict.fromkeys(
        (
            "account_inactive",
            "invalid_auth",
            "not_authed",
            "token_revoked",
            "not_allowed_token_type",
            "team_access_not_granted",
            "two_factor_setup_required",
        ),
        _REINSTALL,
    ),
    **dict.fromkeys(
        (
            "access_denied",
            "accesslimited",
            "app_access_restricted",
            "channel_is_limited_access",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "messages_tab_disabled",
            "method_not_supported_for_channel_type",
            "posting_to_channel_denied",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
        ),
        _FORBIDDEN,
    ),
    **dict.fromkeys(("external_channel_migrating", "org_login_required", "team_added_to_org"), _MOVING),
    **dict.fromkeys(("fatal_error", "internal_error", "service_unavailable", "update_failed"), _unclear),
}
TOO_FAST = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


@contextmanager
def translated(channel: str) -> Iterator[None]:
    """Errors of the SDK as ours, free of tokens and of what was said.

    Raises `SinkGone`, `NotFound` and `Rejected` for refusals; `ChatUnavailable` with the seconds to wait where the
    call certainly had no effect, and without them where nobody knows."""
    with unanswered("Slack"):
        try:
            yield
        except SlackApiError as error:
            raise refused(error, channel) from None


@contextmanager
def asking(about_token: bool = False) -> Iterator[None]:
    """Raises `Refused` for an answer that is final, and `ChatUnavailable` for none and for one that will change.

    `about_token`: the question is about the token itself. To that "expired" is an answer; else it is being renewed."""
    with unanswered("Slack"):
        try:
            yield
        except SlackApiError as error:
            meant = refused(error, "")
            passes = isinstance(meant, ChatUnavailable) and not (about_token and code(error) == EXPIRED)
            raise (meant if passes else Refused(code(error))) from None  # its text shows what was sent


def refused(error: SlackApiError, channel: str) -> ThreadworkError:
    """What Slack's answer means."""
    if (seconds := retry_after(error)) is not None:
        return ChatUnavailable("Slack is called too fast.", retry_after=seconds)
    body, refusal = _body(error), code(error)
    if status(error) >= 500 or not refusal:
        return ChatUnavailable(f"Slack answered {status(error)}.")
    make = ERRORS.get(refusal, _rejected)
    return make(Refusal(refusal, channel, str(body.get("needed") or "it needs")))


def retry_after(error: SlackApiError) -> float | None:
    """Seconds of silence that Slack asks for. None: it does not."""
    if status(error) != 429 and code(error) not in TOO_FAST:
        return None
    headers: Mapping[str, str] = error.response.headers
    return next(
        (_seconds(text) for name, text in headers.items() if name.lower() == "retry-after"), DEFAULT_RETRY_AFTER
    )


def code(error: SlackApiError) -> str:
    """Slack's own word; empty where the answer was none of Slack's."""
    return str(_body(error).get("error") or "")


def status(error: SlackApiError) -> int:
    """For an answer that is no JSON the SDK hands over aiohttp's response, else one of its own."""
    return int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0))


def _body(error: SlackApiError) -> dict[str, Any]:
    body = getattr(error.response, "data", None)
    return body if isinstance(body, dict) else {}


def _seconds(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdigit() else DEFAULT_RETRY_AFTER


def _rejected(refusal: Refusal) -> ThreadworkError:
    return Rejected(f"Slack refused the message: {refusal.code}.")
