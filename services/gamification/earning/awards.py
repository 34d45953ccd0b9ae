"""Reading what was paid for what happened, and what was refused."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.statements import Prepared
from services.gamification.earning import store
from services.gamification.earning.rules import Occurrence
from services.gamification.ledger.service import Moved


@dataclass(slots=True)
class Live:
    """What was awarded for one grant: all awards so far, and the parts of the last one that were not taken back.

    All are dated at the occurrence, and where it was restated, at the moments it had before.
    """

    awards: int = 0
    moved: list[Moved] = field(default_factory=list)
    at: datetime | None = None
    """When what stands is dated."""
    by_hand: bool = False
    rule_code: str | None = None
    rule_version: int = 0
    thing: str | None = None

    @property
    def points(self) -> int:
        """Points that stand."""
        return sum(moved.signed for moved in self.moved if moved.currency == "points")

    @property
    def xp(self) -> int:
        """Xp that stands."""
        return sum(moved.signed for moved in self.moved if moved.currency == "xp")


def spans_of(happened: Iterable[Occurrence]) -> dict[UUID, tuple[datetime, datetime]]:
    """By member, the first and the last moment at which something happened."""
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for occurrence in happened:
        at = occurrence.occurred_at
        first, last = spans.get(occurrence.member_id, (at, at))
        spans[occurrence.member_id] = (min(first, at), max(last, at))
    return spans


def _span(table: Any, member_id: Any, first: Any, last: Any) -> ColumnElement[bool]:
    return and_(table.c.member_id == member_id, table.c.occurred_at >= first, table.c.occurred_at <= last)


def _one(spans: Mapping[UUID, tuple[datetime, datetime]], members: Sequence[UUID]) -> dict[str, Any]:
    """The parameters for the one member that most statements are about."""
    [member_id] = members
    first, last = spans[member_id]
    return {"member_id": member_id, "first": first, "last": last}


_THIS: tuple[Any, ...] = (bindparam("member_id"), bindparam("first"), bindparam("last"))
_AWARDS = select(
    store.transfers.c.id,
    store.transfers.c.posting_id,
    store.transfers.c.source_id,
    store.transfers.c.member_id,
    store.transfers.c.rule_code,
    store.transfers.c.rule_version,
    store.transfers.c.thing,
    store.transfers.c.currency,
    store.transfers.c.debit,
    store.transfers.c.credit,
    store.transfers.c.amount,
    store.transfers.c.occurred_at,
    store.transfers.c.reverses,
    store.transfers.c.why,
).where(store.transfers.c.rule_code.is_not(None))
_AWARDS_OF_ONE: Prepared[Any] = Prepared(_AWARDS.where(_span(store.transfers, *_THIS)))
_OUTCOMES_OF_ONE: Prepared[Any] = Prepared(select(store.outcomes).where(_span(store.outcomes, *_THIS)))


async def live_awards(session: AsyncSession, happened: Collection[Occurrence]) -> dict[store.GrantKey, Live]:
    """What rules awarded members for these occurrences, and for whatever else happened to them between the first and last."""
    wanted = spans_of(happened)
    restated: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for occurrence in happened:
        if occurrence.restated:
            restated[occurrence.member_id].append(occurrence.source_id)
    found: defaultdict[store.GrantKey, Live] = defaultdict(Live)
    for chunk in store.chunks(sorted(wanted), 64):
        ranges = [_span(store.transfers, member_id, *wanted[member_id]) for member_id in chunk]
        ranges += [
            and_(
                store.transfers.c.member_id == member_id,
                among(session, store.transfers.c.source_id, restated[member_id]),
            )
            for member_id in chunk
            if member_id in restated
        ]
        rows = (
            await _AWARDS_OF_ONE.all(session, **_one(wanted, chunk))
            if len(ranges) == 1
            else (await session.execute(_AWARDS.where(or_(*ranges)))).all()
        )
        reversed_by = {row.reverses: row.why for row in rows if row.reverses is not None}
        postings: defaultdict[store.GrantKey, set[UUID]] = defaultdict(set)
        for row in rows:
            if row.reverses is not None:
                continue
            key = store.GrantKey(row.source_id, row.member_id, row.rule_code)
            live = found[key]
            postings[key].add(row.posting_id)
            live.awards = len(postings[key])
            if row.id not in reversed_by:
                live.at = row.occurred_at
                live.moved.append(Moved(row.id, row.currency, row.debit, row.credit, row.amount))
                live.rule_code, live.rule_version, live.thing = row.rule_code, row.rule_version, row.thing
            elif reversed_by[row.id] == "by_hand":
                live.by_hand = True
    return found


async def outcomes_of(
    session: AsyncSession, wanted: Mapping[UUID, tuple[datetime, datetime]], codes: Collection[str] | None = None
) -> dict[store.GrantKey, Any]:
    """The outcomes of members for what happened between two moments, by these rules or by any."""
    found: dict[store.GrantKey, Any] = {}
    for chunk in store.chunks(sorted(wanted), 64):
        if len(chunk) == 1:
            rows: Iterable[Any] = await _OUTCOMES_OF_ONE.all(session, **_one(wanted, chunk))
        else:
            ranges = [_span(store.outcomes, member_id, *wanted[member_id]) for member_id in chunk]
            rows = await session.execute(select(store.outcomes).where(or_(*ranges)))
        for row in rows:
            if codes is None or row.rule_code in codes:
                found[store.GrantKey(row.source_id, row.member_id, row.rule_code)] = row
    return found
