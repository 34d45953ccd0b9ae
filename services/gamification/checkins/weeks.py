"""The bonus for each full week of a streak: due, moved, void, due again, as days arrive late."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import Table, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, upsert_many
from chassis.database.statements import Prepared, bindparam
from services.gamification.checkins.models import StreakWeek
from services.gamification.checkins.rules import assign_weeks
from services.gamification.earning import service as earning
from services.gamification.earning.restating import restate
from services.gamification.earning.rules import Occurrence, Target
from services.gamification.earning.triggers import WEEK_COMPLETED, WeekCompleted

_WEEKS: Table = StreakWeek.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class FullWeek:
    """A week of a streak of `length` days, filled on `completed_on` by the check-in of that moment."""

    member_id: UUID
    community_id: UUID
    completed_on: date
    completed_at: datetime
    length: int


async def settle(
    session: AsyncSession, *, due: Sequence[FullWeek], days: Mapping[UUID, Sequence[date]]
) -> list[Occurrence]:
    """Move the bonuses that were due before to where they are due now, take back the others, answer those due for the first time.

    `days` are the check-ins of members who were folded again: of them `due` has every bonus, of others the new ones.
    """
    rows = await _rows(session, days)
    weeks = {(week.member_id, week.completed_on): week for week in due}
    kept_of, due_of = _by_member(rows), _by_member(weeks)
    assigned: dict[tuple[UUID, date], FullWeek] = {}
    for member_id, taken in days.items():
        found = assign_weeks(kept_of[member_id], due_of[member_id], taken)
        assigned |= {(member_id, first): weeks.pop((member_id, on)) for first, on in found.items()}
    turned = {key: row.version + 1 for key, row in rows.items() if row.due != (key in assigned)}
    changed = [
        _values(key, row, assigned.get(key), turned.get(key, row.version))
        for key, row in rows.items()
        if key in turned or (key in assigned and _moved_to(key, assigned[key]) != row.moved_to)
    ]
    fresh = [_values(key, None, week, 0) for key, week in weeks.items()]
    await upsert_many(
        session, _WEEKS, changed + fresh, key=["member_id", "completed_on"], update=["due", "version", "moved_to"]
    )
    # As if it had never been, where void: a removed thing would keep its share of a cap.
    await _turn(session, {key: version for key, version in turned.items() if key not in assigned}, "void")
    await restate(session, (deed for key, week in assigned.items() for deed in _deeds(week, key[1])))
    await _turn(session, {key: version for key, version in turned.items() if key in assigned}, "counts")
    return [deed for week in weeks.values() for deed in _deeds(week, week.completed_on)]


_SOURCE = Prepared(
    select(col(StreakWeek.source_id)).where(
        col(StreakWeek.member_id) == bindparam("member_id"),
        col(StreakWeek.due),
        func.coalesce(col(StreakWeek.moved_to), col(StreakWeek.completed_on)) == bindparam("day"),
    )
)


async def source_of(session: AsyncSession, member_id: UUID, completed_on: date) -> UUID | None:
    """The id of the deed of filling a week of a streak on that day, where it is due."""
    return await _SOURCE.first(session, member_id=member_id, day=completed_on)


async def _rows(session: AsyncSession, members: Iterable[UUID]) -> dict[tuple[UUID, date], StreakWeek]:
    """By member and the day that first filled it."""
    ids = list(members)
    if not ids:
        return {}
    rows = await session.execute(
        select(StreakWeek)
        .where(among(session, col(StreakWeek.member_id), ids))
        .execution_options(populate_existing=True)
    )
    return {(row.member_id, row.completed_on): row for row in rows.scalars()}


def _by_member(keys: Iterable[tuple[UUID, date]]) -> defaultdict[UUID, list[date]]:
    found: defaultdict[UUID, list[date]] = defaultdict(list)
    for member_id, day in keys:
        found[member_id].append(day)
    return found


async def _turn(session: AsyncSession, versions: Mapping[tuple[UUID, date], int], state: str) -> None:
    if versions:
        changes = {_target(*key): (state, version) for key, version in versions.items()}
        await earning.change_states(session, changes, members={member_id for member_id, _ in versions})


def _moved_to(key: tuple[UUID, date], week: FullWeek | None) -> date | None:
    return None if week is None or week.completed_on == key[1] else week.completed_on


def _values(key: tuple[UUID, date], row: StreakWeek | None, week: FullWeek | None, version: int) -> dict[str, object]:
    return {
        "member_id": key[0],
        "completed_on": key[1],
        "source_id": row.source_id if row else _source(*key),
        "moved_to": _moved_to(key, week),
        "due": week is not None,
        "version": version,
    }


def _source(member_id: UUID, first_on: date) -> UUID:
    return uuid5(member_id, f"streak_week:{first_on.isoformat()}")


def _target(member_id: UUID, first_on: date) -> Target:
    return Target(WEEK_COMPLETED.thing.namespace, f"{member_id}:{first_on.isoformat()}")


def _deeds(week: FullWeek, first_on: date) -> Iterator[Occurrence]:
    """The deed of filling a week, under the name of the day that first filled it."""
    data = WeekCompleted(
        community_id=week.community_id,
        member_id=week.member_id,
        completed_on=week.completed_on,
        week=_target(week.member_id, first_on).id,
        length=week.length,
    )
    source_id = _source(week.member_id, first_on)
    return WEEK_COMPLETED.occurrences(data, source_id=source_id, occurred_at=week.completed_at)
