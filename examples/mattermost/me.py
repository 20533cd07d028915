"""The bot's own account, and its conversations with one person each."""

from typing import NamedTuple

from examples.mattermost.rest import Rest


class Me(NamedTuple):
    """Who the bot is."""

    user_id: str
    username: str


async def me(rest: Rest) -> Me:
    user = await rest.call("GET", "/users/me")
    return Me(user["id"], user["username"])


async def direct_channel(rest: Rest, user_id: str) -> str:
    """The id of the conversation with the person; it is made where there was none."""
    ours = await rest.call("GET", "/users/me")
    channel = await rest.call("POST", "/channels/direct", json=[ours["id"], user_id])
    return str(channel["id"])
