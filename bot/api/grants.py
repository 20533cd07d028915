"""The part of the API about tools that people allowed for good."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from threadwork.bot.api.caller import TheCaller, ThePorts
from threadwork.bot.api.shapes import GrantEntry, GrantList, Taken, problems
from threadwork.bot.chat.grants import grants_of, revoke, told
from threadwork.bot.texts import KEY_LIMIT

router = APIRouter(prefix="/api/grants", tags=["grants"])

GrantId = Annotated[
    str, Path(max_length=KEY_LIMIT, description="From the list: the task and the approval that gave it.")
]
Ended = Annotated[bool, Query(alias="all", description="Also those that were revoked or are over: the record of them.")]


@router.get("", responses=problems(422))
async def list_grants(ports: ThePorts, caller: TheCaller, ended: Ended = False) -> GrantList:
    """What is allowed for good, the newest first."""
    found = await ports.grants.all(standing=False) if ended else await grants_of(ports, caller.by)
    return GrantList(grants=[GrantEntry(grant_id=one.grant_id, grant=one) for one in found])


@router.delete("/{grant_id}", responses=problems(404, 422))
async def revoke_grant(ports: ThePorts, caller: TheCaller, grant_id: GrantId) -> Taken:
    """Take one back: from now on people are asked. A repeat changes nothing."""
    grant, stood = await revoke(ports, caller.by, grant_id)
    return Taken(outcome="accepted", detail=f"{'Taken back' if stood else 'It stood no more'}: {told(grant)}.")
