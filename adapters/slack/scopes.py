"""What the app may do in a workspace: the least that Threadwork needs, and what for."""

from typing import NamedTuple


class Scope(NamedTuple):
    """One scope that the app asks for, and what it is for."""

    name: str
    purpose: str  # completes "It …"
    needed: bool = True  # False: all else works without it


# Not here, on purpose: `chat:write.public` (in a channel it is no member of the app would not hear replies),
# `im:write` (people open the conversation), `users:read.email`, `groups:read` (what the app may not look at counts as
# private).
SCOPES = (
    Scope("commands", "brings the slash command and the message shortcut"),
    Scope("chat:write", "posts and edits cards"),
    Scope("app_mentions:read", "hears mentions"),
    Scope("channels:history", "hears replies in threads of public channels, and finds its own cards there"),
    Scope("groups:history", "does so in private channels"),
    Scope("im:history", "does so in direct messages"),
    Scope("users:read", "shows people by name"),
    Scope(
        "channels:read",
        "sees which channels are public: only their tasks are posted in other channels that people subscribe",
        needed=False,
    ),
    Scope("mpim:history", "hears replies in group conversations", needed=False),
    Scope("files:read", "reads files that people attach, and links its own", needed=False),
    Scope("files:write", "gives long answers as files", needed=False),
    Scope("reactions:read", "lets a 🛑 on the first message stop a task", needed=False),
    Scope("reactions:write", "shows a task's state as a reaction", needed=False),
    Scope("usergroups:read", "knows user groups, for access rules and approvers", needed=False),
)
AGENT = Scope("assistant:write", "is declared an agent: Slack shows its state and a stop button", needed=False)


def wanted(agent: bool) -> tuple[Scope, ...]:
    return (*SCOPES, AGENT) if agent else SCOPES
