"""The part of the API by which a person's accounts become one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from threadwork.bot.access import Forbidden
from threadwork.bot.api.caller import TheCaller, ThePorts
from threadwork.bot.api.shapes import Linked, LinkOrder, problems
from threadwork.workflows.values import LOCAL, Principal

router = APIRouter(prefix="/api/link", tags=["people"])
NOT_STORED = {"Cache-Control": "no-store"}


def person(caller: TheCaller) -> Principal:
    """Raises `Forbidden` for the token: whoever holds it would be the person."""
    if caller.by.account != LOCAL.account:
        raise Forbidden(
            "The API token belongs to no single person, so it cannot be linked.",
            "Do this on the machine of the bot, without THREADWORK_API_TOKEN.",
        )
    return caller.by


ThePerson = Annotated[Principal, Depends(person)]


@router.get("", responses=problems(422))
async def read_accounts(ports: ThePorts, by: ThePerson) -> Linked:
    """The accounts that are yours, this machine's first."""
    return Linked(accounts=list(await ports.people.accounts(by)))


@router.post("", responses=problems(400, 413, 415, 422))
async def link(ports: ThePorts, by: ThePerson, answer: Response, order: LinkOrder | None = None) -> Linked:
    """Get a one-time code for another account, or join that account by the code it was given."""
    answer.headers.update(NOT_STORED)
    if order and order.code:
        return Linked(accounts=list(await ports.people.join(by, order.code)))
    code = await ports.people.offer(by)
    return Linked(accounts=list(await ports.people.accounts(by)), code=code)


@router.delete("", responses=problems(422))
async def unlink(ports: ThePorts, by: ThePerson) -> Linked:
    """Take this machine's account out; the others stay together."""
    await ports.people.leave(by)
    return Linked(accounts=list(await ports.people.accounts(by)))
