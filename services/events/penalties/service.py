"""Keeping when penalties keep members away, and reading it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.messaging.envelope import Received
from chassis.penalties import KnownPenalty
from services.events.base import penalties
from services.events.penalties.models import Suspension
from services.events.penalties.rules import BARRING, Bar, Span, wider

_table: Any = Suspension.__table__  # type: ignore[attr-defined]


async def note(session: AsyncSession, messages: Sequence[Received[Any]]) -> set[UUID]:
    """Keep when these revisions of locked penalties keep their members away; answers the penalties that ever did, of those told of."""
    known = await penalties.by_id(session, {message.data.penalty_id for message in messages})
    spans = await _spans(session, known)
    for message in messages:
        told = message.data
        if told.sanction in BARRING:
            spans[told.penalty_id] = wider(spans.get(told.penalty_id), told.since, told.until)
    rows = [_row(Bar(known[key], *span)) for key, span in sorted(spans.items())]
    await session.execute(delete(_table).where(among(session, _table.c.penalty_id, list(spans))))
    await insert_many(session, _table, rows)
    return set(spans)


async def bars_of(session: AsyncSession, member_id: UUID) -> list[Bar]:
    """The suspensions and expulsions of a member, the latest first."""
    known = (await penalties.of_members(session, [member_id])).get(member_id, [])
    spans = await _spans(session, {one.id: one for one in known})
    return [Bar(one, *spans[one.id]) for one in known if one.id in spans]


def spared(member_id: Any, starts_at: Any, ends_at: Any) -> ColumnElement[bool]:
    """Whether what lasts so long lies in a time in which its member was kept away and should not have been: they are not missing there."""
    return exists().where(
        col(Suspension.member_id) == member_id,
        col(Suspension.spared_from) < ends_at,
        col(Suspension.spared_until) > starts_at,
    )


async def ever_kept_away(session: AsyncSession, member_ids: Iterable[UUID]) -> set[UUID]:
    """Who of these members was ever suspended or expelled by a penalty."""
    found = select(_table.c.member_id).where(among(session, _table.c.member_id, set(member_ids))).distinct()
    return set((await session.execute(found)).scalars())


async def spared_of(session: AsyncSession, member_ids: Iterable[UUID], span: Span) -> set[UUID]:
    """Who of these members was kept away in this time and should not have been."""
    began, ended = span
    found = select(_table.c.member_id).where(
        among(session, _table.c.member_id, set(member_ids)),
        _table.c.spared_from < ended,
        _table.c.spared_until > began,
    )
    return set((await session.execute(found)).scalars())


async def _spans(session: AsyncSession, known: Mapping[UUID, KnownPenalty]) -> dict[UUID, Span]:
    if not known:
        return {}
    found = select(_table.c.penalty_id, _table.c.served_from, _table.c.served_until).where(
        among(session, _table.c.penalty_id, list(known))
    )
    return {key: (began, ended) for key, began, ended in await session.execute(found)}


def _row(bar: Bar) -> dict[str, Any]:
    began, ended = bar.spared or (None, None)
    return {
        "penalty_id": bar.penalty.id,
        "member_id": bar.penalty.member_id,
        "served_from": bar.served_from,
        "served_until": bar.served_until,
        "spared_from": began,
        "spared_until": ended,
    }
