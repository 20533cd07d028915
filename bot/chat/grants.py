"""Standing permissions: which a person may see and take back, and how each is told."""

from threadwork.adapters.wording import grant_words
from threadwork.adapters.wording.card_words import one_line
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import about
from threadwork.bot.chat.rights import Rights
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.access import named_only, together
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.grant_rules import granters
from threadwork.workflows.grants import Grant
from threadwork.workflows.inbound import Item, Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import MACHINE, Principal

NOT_YOURS = "Only who gave it, who it is for, and who may allow this agent's tools for good can take it back."


async def grants_of(ports: BotDependencies, by: Principal) -> list[Grant]:
    """Those that stand, and that this person may see and take back, the newest first."""
    rights = Rights(by, ports.directory)
    return [one for one in await ports.grants.all() if await _may_revoke(ports, rights, one)]


async def revoke(ports: BotDependencies, by: Principal, grant_id: str) -> tuple[Grant, bool]:
    """The grant as it was, and whether it stood until now. Raises `NotFound`, and `Rejected` for whom it is none of
    their business."""
    grant = await ports.grants.get(grant_id)
    if not await _may_revoke(ports, Rights(by, ports.directory), grant):
        raise Rejected(NOT_YOURS)
    return grant, await ports.grants.revoke(grant_id, by)


def told(grant: Grant) -> str:
    """A line: tool, agent, whose tasks, until when, by whom."""
    end = grant_words.until(grant)
    parts = (f"**{one_line(grant.tool)}**", f"agent {grant.agent}", grant_words.whose(grant), end)
    return " · ".join(filter(None, (*parts, f"allowed by {grant_words.givers(grant)}")))


async def item(ports: BotDependencies, grant: Grant) -> Item:
    """A line with the way to the task on which it was given, and the button that takes it back."""
    press = Click(verb="revoke", task_id=grant.task_id, about=grant.approval_id)
    button = Button(label="Take back", press=press, style="danger")
    try:
        line = about(await ports.tasks.get(grant.task_id), told(grant))
    except NotFound:
        line = Item(text=told(grant))
    return line.model_copy(update={"buttons": (button,)})


async def revoked(context: Context, grant_id: str) -> Response:
    """From now on people are asked. Raises `NotFound`, and `Rejected`."""
    grant, stood = await revoke(context.ports, context.source.by, grant_id)
    if not stood:
        return Response(text=f"It stood no more: {told(grant)}.", tone="warning")
    alike = [one for one in await grants_of(context.ports, context.source.by) if _is_alike(one, grant)]
    beside = f" {len(alike)} like it by others still stand: `{SLASH} grants` lists them." if alike else ""
    return Response(text=f"Taken back: {told(grant)}. From now on people are asked.{beside}")


def _is_alike(one: Grant, other: Grant) -> bool:
    return (one.agent, one.tool, one.scope, one.about) == (other.agent, other.tool, other.scope, other.about)


async def check_may_be_granted(threads: Threads, task_id: str, approval_id: str) -> None:
    """Raises `Rejected` for a call whose tool nobody may allow for good, and for those that a worker of the version
    before asks for, which knows of no grants."""
    for card in (await threads.view(task_id)).cards:
        if isinstance(card, ApprovalCard) and card.approval_id == approval_id and not card.always:
            raise Rejected(f"{card.tool} cannot be allowed for good.", "Allow it once, or for this task.")


async def _may_revoke(ports: BotDependencies, rights: Rights, grant: Grant) -> bool:
    """Who gave it may always, whatever they may give by now, and so may whoever runs the place."""
    own = rights.by.platform in MACHINE or grant.about in rights.by.keys
    if own or any([await rights.is_me(giver) for giver in grant.by]):
        return True
    agent = next((one for one in await ports.catalog.agents() if one.name == grant.agent), None)
    if agent is None:
        return False
    members = granters(agent)
    here = any(together(rights.by, giver) for giver in grant.by)
    return await rights.among(members if here else named_only(members))
