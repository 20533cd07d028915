"""The form of plans that a workspace takes: Slack's plan block, or where that was refused, a list."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from slack_sdk.errors import SlackApiError

from threadwork.adapters.slack.api.errors import code
from threadwork.adapters.slack.cards.plan_block import as_list

REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})  # certainly without effect
REFUSED_FOR = 86_400.0  # seconds until the block is tried again: Slack brings it to workspaces one after another

Content = dict[str, Any]
T = TypeVar("T")

log = structlog.get_logger(__name__)


class PlanForm:
    """What was refused is remembered by the process alone: another one finds out with its first message."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lists_until: dict[str, float] = {}  # by workspace

    async def send(self, workspace: str, content: Content, call: Callable[[Content], Awaitable[T]]) -> T:
        """Make a call that posts or edits a message, a second time with a list where the plan block is refused.

        Raises what the call raises."""
        if not _has_plan(content):
            return await call(content)
        if self._clock() < self._lists_until.get(workspace, 0):
            return await call(with_list(content))
        try:
            return await call(content)
        except SlackApiError as error:
            if code(error) not in REFUSED:
                raise
        sent = await call(with_list(content))  # refused as well: the plan was not what is wrong
        self._lists_until[workspace] = self._clock() + REFUSED_FOR
        log.info("plan_block_refused", workspace=workspace, hint="Plans are lists there for a day.")
        return sent


def with_list(content: Content) -> Content:
    """The message with its plan as a list."""
    return content | {"blocks": [as_list(one) if one["type"] == "plan" else one for one in content["blocks"]]}


def _has_plan(content: Content) -> bool:
    return any(block["type"] == "plan" for block in content.get("blocks") or ())
