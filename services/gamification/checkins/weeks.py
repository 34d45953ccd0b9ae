"""The bonus for each full week of a streak: due, void, due again, as days arrive late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import Table, select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import upsert_many
from services.gamification.checkins.models import StreakWeek
from services.gamification.earning import service as earning
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


def week_source(member_id: UUID, completed_on: date) -> UUID:
    """The id of the deed of filling a week of a streak on that day."""
    return uuid5(member_id, f"streak_week:{completed_on.isoformat()}")


async def settle(
    session: AsyncSession, *, due: Sequence[FullWeek], void: Sequence[tuple[UUID, date]]
) -> list[Occurrence]:
    """Take back what is void and pay again what is due again; answers the deeds that are due for the first time."""
    known = await _known(session, [*((week.member_id, week.completed_on) for week in due), *void])
    first = [week for week in due if (week.member_id, week.completed_on) not in known]
    turned = [row for key in void if (row := known[key]).due]
    turned += [
        known[key] for week in due if (key := (week.member_id, week.completed_on)) in known and not known[key].due
    ]
    await upsert_many(
        session,
        _WEEKS,
        [
            *(_values(week.member_id, week.completed_on, due=True, version=0) for week in first),
            *(_values(row.member_id, row.completed_on, due=not row.due, version=row.version + 1) for row in turned),
        ],
        key=["member_id", "completed_on"],
        update=["due", "version"],
    )
    if turned:
        # As if it had never been, where void: a removed thing would keep its share of a cap.
        await earning.change_states(
            session,
            {
                week_target(row.member_id, row.completed_on): ("void" if row.due else "counts", row.version + 1)
                for row in turned
            },
            members={row.member_id for row in turned},
        )
    return [deed for week in first for deed in _deeds(week)]


def week_target(member_id: UUID, completed_on: date) -> Target:
    """What the earning side knows a full week by."""
    return Target(WEEK_COMPLETED.thing.namespace, f"{member_id}:{completed_on.isoformat()}")


async def _known(session: AsyncSession, concerned: Sequence[tuple[UUID, date]]) -> dict[tuple[UUID, date], StreakWeek]:
    if not concerned:
        return {}
    rows = await session.execute(
        select(StreakWeek)
        .where(tuple_(col(StreakWeek.member_id), col(StreakWeek.completed_on)).in_(concerned))
        .execution_options(populate_existing=True)
    )
    return {(row.member_id, row.completed_on): row for row in rows.scalars()}


def _values(member_id: UUID, completed_on: date, *, due: bool, version: int) -> dict[str, object]:
    return {
        "member_id": member_id,
        "completed_on": completed_on,
        "source_id": week_source(member_id, completed_on),
        "due": due,
        "version": version,
    }


def _deeds(week: FullWeek) -> Iterator[Occurrence]:
    data = WeekCompleted(
        community_id=week.community_id,
        member_id=week.member_id,
        completed_on=week.completed_on,
        week=week_target(week.member_id, week.completed_on).id,
        length=week.length,
    )
    source_id = week_source(week.member_id, week.completed_on)
    return WEEK_COMPLETED.occurrences(data, source_id=source_id, occurred_at=week.completed_at)
