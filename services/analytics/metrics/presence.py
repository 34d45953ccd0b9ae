"""Counting members: who is one at the end of a period, who was one in it, and on how many days."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from services.analytics.metrics.frame import Asked, Cell
from services.analytics.metrics.rules import Period
from services.analytics.metrics.spell_rules import Days, Presence, presences
from services.analytics.metrics.spells import SPELLS
from services.analytics.metrics.tallies import called, people_column, with_groups


async def stocks(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> dict[Cell, int]:
    """How many are members at the end of each period; of one that is not over, how many are now."""
    group, source = people_column(asked.group_by, SPELLS), with_groups(SPELLS, SPELLS, asked.group_by)
    until = periods[-1].ends_on
    changes = union_all(
        select(SPELLS.c.starts_on.label("day"), group.label("group"), literal(1, Integer).label("change"))
        .select_from(source)
        .where(*_counted(asked), SPELLS.c.starts_on <= until),
        select(SPELLS.c.left_on, group, literal(-1, Integer))
        .select_from(source)
        .where(*_counted(asked), SPELLS.c.left_on <= until),
    ).subquery()
    found = await rows_of(
        session,
        select(changes.c.day, changes.c.group, func.sum(changes.c.change))
        .group_by(*(literal_column(place) for place in "12"))
        .order_by(literal_column("1")),
    )
    counted: dict[Cell, int] = {}
    totals: dict[str | None, int] = {}
    rows = iter(found)
    row = next(rows, None)
    for period in periods:
        while row is not None and row[0] <= period.ends_on:
            name = called(asked.group_by, row[1])
            totals[name] = totals.get(name, 0) + int(row[2])
            row = next(rows, None)
        counted |= {(period, name): total for name, total in totals.items() if total}
    return counted


async def present(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> dict[Cell, Presence]:
    """Who was a member on at least one day of each period. Who moved within it was in both departments."""
    first, last = periods[0].starts_on, periods[-1].ends_on
    found = await rows_of(
        session,
        select(people_column(asked.group_by, SPELLS), SPELLS.c.member_id, SPELLS.c.starts_on, SPELLS.c.left_on)
        .select_from(with_groups(SPELLS, SPELLS, asked.group_by))
        .where(
            *_counted(asked),
            SPELLS.c.starts_on <= last,
            or_(SPELLS.c.left_on.is_(None), SPELLS.c.left_on >= first),
        ),
    )
    by_group: dict[str | None, dict[UUID, list[Days]]] = {}
    for group, member_id, starts_on, left_on in found:
        by_group.setdefault(called(asked.group_by, group), {}).setdefault(member_id, []).append((starts_on, left_on))
    return {
        (period, group): presence
        for group, members in by_group.items()
        for period, presence in zip(periods, presences(members.values(), periods), strict=True)
        if presence.members
    }


def _counted(asked: Asked) -> list[ColumnElement[bool]]:
    return [SPELLS.c.community_id == asked.community_id, *([] if asked.staff else [~SPELLS.c.staff])]
