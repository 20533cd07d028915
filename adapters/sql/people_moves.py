"""A person's id changed, as when a workspace joins an organisation: what is stored under the old key moves along."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.tables import former_links, link_codes, link_tries, links, spend, subscriptions, tasks
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.errors import Rejected
from threadwork.workflows.platform_registry import ROWS
from threadwork.workflows.values import Principal

Row = Mapping[str, Any]


class Moved(NamedTuple):
    """Rows that changed."""

    tasks: int = 0
    accounts: int = 0  # links and codes
    subscriptions: int = 0


class SqlPeopleMoves:
    """Moves all that is stored under one account's key to another; each move happens whole or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def move(self, old: str, new: str) -> Moved:
        """Keys as `Principal.account` has them. Raises `Rejected` for what is none."""
        was, now = parsed(old), parsed(new)
        if was.platform != now.platform:
            raise Rejected(
                f"{old} and {new} are on different platforms.",
                "A person links accounts by the command `link`, in chat.",
            )
        async with self._database.write() as connection:
            return await _move(connection, was, now)

    async def adopt(self, platform: str, workspace: str, organisation: str) -> int:
        """People of a workspace that turned out to belong to an organisation; the number of those that moved."""
        async with self._database.write() as connection:
            keys = sorted(await _keys(connection, f"{platform}:{workspace}:"))
            for key in keys:
                was = parsed(key)
                await _move(connection, was, was.model_copy(update={"enterprise": organisation}))
        return len(keys)

    async def known(self, platform: str, limit: int) -> dict[str, Principal]:
        """By key: people with open tasks or links, for `doctor`."""
        is_theirs = tasks.c.requester_key.startswith(f"{platform}:", autoescape=True)
        at_work = select(tasks.c.requester).where(is_theirs).order_by(tasks.c.created_at.desc()).limit(limit)
        linked = select(links.c.principal).where(links.c.principal_key.startswith(f"{platform}:", autoescape=True))
        async with self._database.read() as connection:
            found = [*(await connection.execute(at_work)).scalars(), *(await connection.execute(linked)).scalars()]
        people = [Principal.model_validate(one) for one in found]
        return {one.account: one for one in people[:limit]}


def parsed(key: str) -> Principal:
    """A principal of that key. Raises `Rejected`."""
    platform, workspace, user_id = key.split(":") if key.count(":") == 2 else ("", "", "")
    if not platform or not user_id or any(letter.isspace() for letter in key):
        raise Rejected(
            f"“{key[:80]}” is no id of a person.", "Write it as platform:workspace:user, such as slack:T0123:U0456."
        )
    if (row := ROWS.get(platform)) and row.is_organisation(workspace):
        return Principal(platform=platform, enterprise=workspace, user_id=user_id)
    return Principal(platform=platform, workspace=workspace, user_id=user_id)


def _as(stored: Row, now: Principal) -> dict[str, Any]:
    """The stored principal under its new id: what the key does not say stays as it was, but for what its platform
    told of the old one, and is asked of the new one."""
    new = {"workspace": now.workspace or stored.get("workspace", ""), "user_id": now.user_id}
    enterprise = {"enterprise": now.enterprise} if now.enterprise else {}
    kept = {name: value for name, value in stored.items() if name not in ("enterprise", "home", "standing")}
    standing = {"standing": "unknown"} if stored.get("standing") else {}
    return {**kept, **new, **enterprise, **standing}


async def _move(connection: AsyncConnection, was: Principal, now: Principal) -> Moved:
    moved = Moved(
        tasks=await _move_tasks(connection, was, now),
        accounts=await _move_links(connection, was, now) + await _move_codes(connection, was, now),
        subscriptions=await _move_subscriptions(connection, was, now),
    )
    if was.human != now.human:
        await _remember(connection, was, now, together=any(moved))
    return moved


async def _move_tasks(connection: AsyncConnection, was: Principal, now: Principal) -> int:
    rows = await _of(connection, tasks, tasks.c.requester_key == was.account)
    for row in rows:
        requester = _as(row["requester"], now)
        order = {**row["task_order"], "by": requester}
        new = {"requester": requester, "requester_key": now.account, "task_order": order}
        await connection.execute(update(tasks).where(tasks.c.task_id == row["task_id"]).values(**new))
    theirs = update(spend).where(spend.c.principal_key == was.account)
    await connection.execute(theirs.values(principal_key=now.account))
    return len(rows)


async def _move_links(connection: AsyncConnection, was: Principal, now: Principal) -> int:
    """Where the new key is linked too, both persons become one."""
    there = await _of(connection, links, links.c.principal_key == now.account)
    mine = await _of(connection, links, links.c.principal_key == was.account)
    for row in mine:
        if there:
            united = update(links).where(links.c.person_id == there[0]["person_id"])
            await connection.execute(united.values(person_id=row["person_id"]))
            await connection.execute(delete(links).where(links.c.principal_key == was.account))
            continue
        new = {"principal_key": now.account, "human": now.human, "principal": _as(row["principal"], now)}
        await connection.execute(update(links).where(links.c.principal_key == was.account).values(**new))
    return len(mine)


async def _remember(connection: AsyncConnection, was: Principal, now: Principal, together: bool) -> None:
    """Runs at work know the old id: both are one person's in what began before. `together`: from today on."""
    linked = await _of(connection, links, links.c.principal_key == now.account)
    before = await _of(connection, former_links, former_links.c.human == was.human)
    rows = [{**row, "principal_key": now.account, "human": now.human} for row in before]
    if together:
        pair = {"person_id": linked[0]["person_id"] if linked else uuid4().hex, "left_at": utc_now()}
        rows += [{**pair, "principal_key": one.account, "human": one.human} for one in (was, now)]
    known = {_identity(row) for row in await _of(connection, former_links, former_links.c.human == now.human)}
    if new := [row for row in rows if _identity(row) not in known]:
        await connection.execute(former_links.insert(), new)


def _identity(row: Row) -> tuple[Any, ...]:
    return row["principal_key"], row["person_id"], row["left_at"]


async def _move_codes(connection: AsyncConnection, was: Principal, now: Principal) -> int:
    """Wrong tries of the old id are not held against the new one."""
    await connection.execute(delete(link_tries).where(link_tries.c.principal_key == was.account))
    rows = await _of(connection, link_codes, link_codes.c.principal_key == was.account)
    for row in rows:
        new = {"principal_key": now.account, "principal": _as(row["principal"], now)}
        await connection.execute(update(link_codes).where(link_codes.c.code_hash == row["code_hash"]).values(**new))
    used = update(link_codes).where(link_codes.c.used_by == was.account)
    await connection.execute(used.values(used_by=now.account))
    return len(rows)


async def _move_subscriptions(connection: AsyncConnection, was: Principal, now: Principal) -> int:
    rows = await _of(connection, subscriptions, subscriptions.c.created_by.is_not(None))
    mine = [row for row in rows if row["created_by"] and _account(row["created_by"]) == was.account]
    for row in mine:
        this = update(subscriptions).where(subscriptions.c.subscription_id == row["subscription_id"])
        await connection.execute(this.values(created_by=_as(row["created_by"], now)))
    return len(mine)


async def _keys(connection: AsyncConnection, prefix: str) -> set[str]:
    """Keys with that beginning under which anything is stored."""
    found: set[str] = set()
    for column in (tasks.c.requester_key, links.c.principal_key, link_codes.c.principal_key):
        query = select(column).where(column.startswith(prefix, autoescape=True)).distinct()
        found |= set((await connection.execute(query)).scalars())
    rows = await _of(connection, subscriptions, subscriptions.c.created_by.is_not(None))
    accounts = (_account(row["created_by"]) for row in rows if row["created_by"])
    return found | {key for key in accounts if key.startswith(prefix)}


async def _of(connection: AsyncConnection, table: Table, which: ColumnElement[bool]) -> list[Row]:
    return [dict(row._mapping) for row in await connection.execute(select(table).where(which))]


def _account(principal: Row) -> str:
    return Principal.model_validate(principal).account
