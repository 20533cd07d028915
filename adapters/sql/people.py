"""People and their accounts in tables."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, or_, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.database import Database, upserting
from threadwork.adapters.sql.tables import former_links, link_codes, link_tries, links
from threadwork.workflows.domain import linking
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.domain.linking import LASTS, Offer, Tries
from threadwork.workflows.errors import Rejected
from threadwork.workflows.values import Principal


class SqlPeople:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def accounts(self, principal: Principal) -> tuple[Principal, ...]:
        """All of the person's, this one first."""
        async with self._database.read() as connection:
            return await _accounts(connection, principal)

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of this account and of all that are one person's with it, or were at any time `since`."""
        after = former_links.c.left_at >= (since or self._clock())
        persons = union(
            select(links.c.person_id).where(links.c.human == principal.human),
            select(former_links.c.person_id).where(former_links.c.human == principal.human, after),
        ).subquery()
        mine = select(persons.c.person_id)
        together = union(
            select(links.c.human).where(links.c.person_id.in_(mine)),
            select(former_links.c.human).where(former_links.c.person_id.in_(mine), after),
        )
        async with self._database.read() as connection:
            found = sorted((await connection.execute(together)).scalars())
        return tuple(dict.fromkeys((principal.human, *found)))

    async def offer(self, principal: Principal) -> str:
        """A code by which another account joins this one. It replaces an earlier one."""
        code, now = linking.new_code(), self._clock()
        row = {"code_hash": linking.hashed(code), "expires_at": now + LASTS, "used_by": "", **_columns(principal)}
        old = or_(link_codes.c.principal_key == principal.account, link_codes.c.expires_at <= now)
        async with self._database.write() as connection:
            await connection.execute(delete(link_codes).where(old))
            await connection.execute(link_codes.insert(), row)
        return code

    async def join(self, principal: Principal, code: str) -> tuple[Principal, ...]:
        """Returns `accounts`. Raises `Rejected`; wrong codes are counted all the same."""
        async with self._database.write() as connection:
            await self._alone(connection)
            objection = await self._join(connection, principal, code)
        if objection:
            raise objection
        return await self.accounts(principal)

    async def leave(self, principal: Principal) -> None:
        """The account is a person of its own again; the others stay together."""
        async with self._database.write() as connection:
            await self._alone(connection)
            _, *others = await _accounts(connection, principal)
            alone = [principal, *others] if len(others) == 1 else [principal]
            gone = links.c.principal_key.in_([one.account for one in alone])
            await self._remember(connection, gone)
            await connection.execute(delete(links).where(gone))

    async def _remember(self, connection: AsyncConnection, which: ColumnElement[bool]) -> None:
        """That these were together until now."""
        known = (await connection.execute(select(links).where(which))).all()
        rows = [
            {
                "principal_key": row.principal_key,
                "person_id": row.person_id,
                "human": row.human,
                "left_at": self._clock(),
            }
            for row in known
        ]
        if rows:
            await connection.execute(former_links.insert(), rows)

    async def _alone(self, connection: AsyncConnection) -> None:
        """Who is one person with whom stands in many rows: one change at a time, as on SQLite anyway."""
        if not self._database.is_sqlite:
            await connection.execute(text("LOCK TABLE links IN SHARE ROW EXCLUSIVE MODE"))

    async def _join(self, connection: AsyncConnection, by: Principal, code: str) -> Rejected | None:
        tries, now = await _tries(connection, by), self._clock()
        if linking.is_locked(tries, now):
            return linking.locked()
        offer = await _offer(connection, code)
        theirs = await _accounts(connection, offer.by) if offer else ()
        are_one = by.account in {one.account for one in theirs}
        if offer is None or not linking.is_open(offer, by, are_one, now):
            await _count(connection, by, linking.one_more(tries, now))
            return linking.wrong()
        together = (*theirs, *await _accounts(connection, by))
        objection = linking.objection(offer, by, together)
        if objection is None:
            await self._unite(connection, by, code, together)
        return objection

    async def _unite(
        self, connection: AsyncConnection, by: Principal, code: str, together: tuple[Principal, ...]
    ) -> None:
        person = {"person_id": uuid4().hex, "linked_at": self._clock()}
        rows = [
            {**_columns(one), **person, "human": one.human} for one in {one.account: one for one in together}.values()
        ]
        await self._remember(connection, links.c.principal_key.in_([row["principal_key"] for row in rows]))
        changing = upserting(connection.dialect.name, links, "person_id", "principal")
        await connection.execute(changing, rows)
        used = update(link_codes).where(link_codes.c.code_hash == linking.hashed(code))
        await connection.execute(used.values(used_by=by.account))
        await connection.execute(delete(link_tries).where(link_tries.c.principal_key == by.account))


def _columns(principal: Principal) -> dict[str, object]:
    return {"principal_key": principal.account, "principal": principal.model_dump(mode="json")}


async def _accounts(connection: AsyncConnection, principal: Principal) -> tuple[Principal, ...]:
    mine = select(links.c.person_id).where(links.c.principal_key == principal.account).scalar_subquery()
    linked = select(links.c.principal).where(links.c.person_id == mine)
    rows = await connection.execute(linked.order_by(links.c.linked_at, links.c.principal_key))
    found = [Principal.model_validate(row.principal) for row in rows]
    return principal, *(one for one in found if one.account != principal.account)


async def _offer(connection: AsyncConnection, code: str) -> Offer | None:
    query = select(link_codes).where(link_codes.c.code_hash == linking.hashed(code))
    row = (await connection.execute(query)).one_or_none()
    return Offer(Principal.model_validate(row.principal), row.expires_at, row.used_by) if row else None


async def _tries(connection: AsyncConnection, by: Principal) -> Tries | None:
    query = select(link_tries).where(link_tries.c.principal_key == by.account)
    row = (await connection.execute(query)).one_or_none()
    return Tries(row.tries, row.since) if row else None


async def _count(connection: AsyncConnection, by: Principal, tries: Tries) -> None:
    row = {"principal_key": by.account, "tries": tries.count, "since": tries.since}
    await connection.execute(upserting(connection.dialect.name, link_tries), row)
