"""Chat platforms as people and models know them: one row each. How each is wired stands in `bot.platforms`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, kw_only=True)
class PlatformRow:
    """Words and addresses of one platform."""

    name: str  # in sinks and accounts, such as "slack"
    thread: str  # what a model is told of where it is read
    markdown: str  # which of it shows there
    length: str  # how long an answer may be
    workspace: str  # pattern of a workspace's or server's id
    workspace_example: str
    link: Callable[[str, str, str], str]  # address of a message: workspace, channel, message; empty: it has none
    signs: bool = False  # it calls us over HTTP below /<name>/, and each of its requests brings a signature
    closes_threads: bool = False  # a thread may have fewer readers than its channel


def _slack_link(workspace: str, channel: str, message_id: str) -> str:
    """The address that needs no name of the workspace's own."""
    team = {"team": workspace} if workspace else {}
    return f"https://slack.com/app_redirect?{urlencode({'channel': channel, **team, 'message_ts': message_id})}"


def _discord_link(workspace: str, channel: str, message_id: str) -> str:
    """Without a server it is a direct message. The root stands in the channel, whether a thread hangs on it or not."""
    path = (workspace or "@me", channel, message_id)
    known = all(re.fullmatch(r"\d+|@me", part) for part in path)
    return f"https://discord.com/channels/{'/'.join(path)}" if known else ""


PLATFORMS: tuple[PlatformRow, ...] = (
    PlatformRow(
        name="slack",
        thread="a Slack thread",
        markdown="Slack shows bold, italics, lists, quotes, links and code. Use no tables, headings, images or HTML.",
        length="Write only what helps, ideally under 3,000 characters; over 9,000, it is split into messages.",
        workspace=r"[A-Z0-9]+",
        workspace_example="T0123456789",
        link=_slack_link,
        signs=True,
    ),
    PlatformRow(
        name="discord",
        thread="a Discord thread",
        markdown="Discord shows bold, italics, lists, quotes, links, code and headings. Use no tables, images or HTML.",
        length="Write only what helps, ideally under 1,900 characters; over 3,900, it is split into messages.",
        workspace=r"\d+",
        workspace_example="123456789012345678",
        link=_discord_link,
        closes_threads=True,
    ),
)
ROWS: dict[str, PlatformRow] = {row.name: row for row in PLATFORMS}
