"""Chat platforms: one row each. All else of one stands in the folder of its name in `adapters`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, kw_only=True)
class PlatformRow:
    """Words and addresses of one platform."""

    name: str  # in sinks and accounts, such as "slack"; its folder in `adapters`; how its variables begin
    title: str  # as people write it
    thread: str  # what a model is told of where it is read
    markdown: str  # which of it shows there
    length: str  # how long an answer may be
    workspace: str  # pattern of a workspace's or server's id; where there is none, sinks and people leave it empty
    workspace_example: str
    channel: str  # pattern of a channel's id
    link: Callable[[str, str, str], str]  # address of a message: workspace, channel, message; empty: none is known
    signs: bool = False  # it calls us over HTTP below /<name>/, and each of its requests brings a signature
    closes_threads: bool = False  # a thread may have fewer readers than its channel
    one_account: bool = False  # an account is the same in all workspaces; else it is another one in each
    organisation: str = ""  # pattern of the id of what several workspaces may belong to; empty: there is no such

    def has_channel(self, channel: str) -> bool:
        """Whether a channel's id looks like one of its own."""
        return re.fullmatch(self.channel, channel) is not None

    def is_organisation(self, place: str) -> bool:
        """Whether the id is that of an organisation, and of no workspace."""
        return bool(place) and re.fullmatch(self.organisation, place) is not None


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
        title="Slack",
        thread="a Slack thread",
        markdown="Slack shows bold, italics, lists, quotes, links, code, headings and tables. Use no images or HTML.",
        length="Write only what helps, ideally under 3,000 characters; over 9,000, it is split into messages.",
        workspace=r"[A-Z0-9]+",
        workspace_example="T0123456789",
        channel=r".*\D.*",
        organisation=r"E.*",
        link=_slack_link,
        signs=True,
    ),
    PlatformRow(
        name="discord",
        title="Discord",
        thread="a Discord thread",
        markdown="Discord shows bold, italics, lists, quotes, links, code, headings, tables. Use no images or HTML.",
        length="Write only what helps, ideally under 1,900 characters; over 3,900, it is split into messages.",
        workspace=r"\d+",
        workspace_example="123456789012345678",
        channel=r"\d+",
        one_account=True,
        link=_discord_link,
        closes_threads=True,
    ),
)
ROWS: dict[str, PlatformRow] = {row.name: row for row in PLATFORMS}


def title(platform: str) -> str:
    """Of a terminal or an API as well: they have no row."""
    return ROWS[platform].title if platform in ROWS else platform.capitalize()


def titles(between: str) -> str:
    """All of them in a sentence: `Slack or Discord`. `between`: the word before the last."""
    *others, last = (row.title for row in PLATFORMS)
    return f"{', '.join(others)} {between} {last}" if others else last
