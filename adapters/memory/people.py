"""People and their accounts in memory."""

from datetime import datetime
from uuid import uuid4

from threadwork.adapters.memory.state import FormerLink, LinkRow, MemoryState
from threadwork.workflows.domain import linking
from threadwork.workflows.domain.linking import LASTS, Offer
from threadwork.workflows.values import Principal


class MemoryPeople:
    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def accounts(self, principal: Principal) -> tuple[Principal, ...]:
        """All of the person's, this one first."""
        return self._accounts(principal)

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """`Principal.human` of this account and of all that are one person's with it, or were at any time `since`."""
        rows: list[LinkRow | FormerLink] = [*self._state.links.values()]
        rows += [one for one in self._state.former_links if since and one.left_at >= since]
        mine = {row.person_id for row in rows if row.principal.human == principal.human}
        together = (row.principal.human for row in rows if row.person_id in mine)
        return tuple(dict.fromkeys((principal.human, *together)))

    async def offer(self, principal: Principal) -> str:
        """A code by which another account joins this one. It replaces an earlier one."""
        offers, now = self._state.offers, self._state.clock()
        for hashed in [key for key, one in offers.items() if one.by.account == principal.account]:
            del offers[hashed]
        code = linking.new_code()
        offers[linking.hashed(code)] = Offer(principal, now + LASTS)
        return code

    async def join(self, principal: Principal, code: str) -> tuple[Principal, ...]:
        """Returns `accounts`. Raises `Rejected`."""
        now, account = self._state.clock(), principal.account
        if linking.is_locked(self._state.tries.get(account), now):
            raise linking.locked()
        offer = self._state.offers.get(linking.hashed(code))
        if offer is None or not linking.is_open(offer, principal, self._are_one(offer.by, principal), now):
            self._state.tries[account] = linking.one_more(self._state.tries.get(account), now)
            raise linking.wrong()
        if objection := linking.objection(offer, principal, self._together(offer.by, principal)):
            raise objection
        self._unite(offer.by, principal)
        offer.used_by = account
        self._state.tries.pop(account, None)
        return self._accounts(principal)

    async def leave(self, principal: Principal) -> None:
        """The account is a person of its own again; the others stay together."""
        left = self._state.links.get(principal.account)
        rest = [row for row in self._state.links.values() if left and row.person_id == left.person_id and row != left]
        for row in [*([left] if left else []), *(rest if len(rest) == 1 else [])]:
            self._remember(row)
            del self._state.links[row.principal.account]

    def _remember(self, row: LinkRow) -> None:
        self._state.former_links.append(FormerLink(row.person_id, row.principal, self._state.clock()))

    def _accounts(self, principal: Principal) -> tuple[Principal, ...]:
        mine = self._state.links.get(principal.account)
        rows = sorted(self._state.links.values(), key=lambda row: (row.linked_at, row.principal.account))
        linked = [row.principal for row in rows if mine and row.person_id == mine.person_id]
        return principal, *(one for one in linked if one.account != principal.account)

    def _together(self, *principals: Principal) -> list[Principal]:
        return [account for principal in principals for account in self._accounts(principal)]

    def _are_one(self, one: Principal, other: Principal) -> bool:
        return other.account in {account.account for account in self._accounts(one)}

    def _unite(self, *principals: Principal) -> None:
        together, person_id = self._together(*principals), uuid4().hex
        for account in together:
            known = self._state.links.get(account.account)
            if known:
                self._remember(known)
            since = known.linked_at if known else self._state.clock()
            self._state.links[account.account] = LinkRow(person_id, account, since)
