"""`threadwork link`: the person at this machine, and their accounts on chat platforms."""

from collections.abc import Awaitable, Callable

from threadwork.adapters.chat.platform_settings import rules_of
from threadwork.adapters.wording.card_words import clean
from threadwork.bot.cli.reach import connected
from threadwork.bot.cli.run import tell
from threadwork.bot.client.api import ApiClient, Linked
from threadwork.bot.settings import Settings
from threadwork.workflows.platform_registry import PLATFORMS, title, titles
from threadwork.workflows.slash_name import SLASH, called

LATER = "Whoever uses this machine's terminal or page then acts as you on all of them."
NONE = "This machine is linked with no account. To link it: threadwork link"


async def link(settings: Settings, what: str) -> int:
    """`what`: `list`, `off`, a code, or nothing to get one."""
    names = dict.fromkeys(rules_of(row.name).command(settings) for row in PLATFORMS)
    async with connected(settings) as client:
        act = ACTS.get(what.strip().lower())
        with called(" or ".join(names)):
            told = await act(client) if act else _accounts(await client.link(what))
    tell(told)
    return 0


async def _offer(client: ApiClient) -> str:
    code = (await client.link()).code
    return (
        f"Your code is {code}. It works once, for ten minutes.\n"
        f"Type {SLASH} link {code} with your account on {titles('or')}.\n"
        f"Whoever uses it acts as you: show it to nobody. {LATER}"
    )


async def _list(client: ApiClient) -> str:
    return _accounts(await client.accounts())


async def _off(client: ApiClient) -> str:
    await client.unlink()
    return "This machine stands for itself again."


def _accounts(linked: Linked) -> str:
    others = [f"{clean(one.shown)} ({title(one.platform)})" for one in linked.accounts[1:]]
    return f"Linked with: {', '.join(others)}.\nTo end it: threadwork link off" if others else NONE


ACTS: dict[str, Callable[[ApiClient], Awaitable[str]]] = {"": _offer, "list": _list, "off": _off}
