"""What the fake serves: the handler of each operation, by its name in the contract."""

from collections.abc import Callable
from typing import Any

from tests.fake_discord.call import Call
from tests.fake_discord.routes import channels, commands, messages, people, reactions, responses, threads, webhooks

Handler = Callable[[Call], Any]  # the body; None: no content
TABLE: dict[str, Handler] = {
    **channels.TABLE,
    **commands.TABLE,
    **messages.TABLE,
    **people.TABLE,
    **reactions.TABLE,
    **responses.TABLE,
    **threads.TABLE,
    **webhooks.TABLE,
}
OPEN = {*responses.TABLE, *webhooks.TABLE, "get_gateway"}  # need no bot token: they carry another, or none
