"""Reading learning records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam, rows_of
from chassis.projections.members import embedded
from chassis.web.spans import Bounds, within
from services.analytics.base import known
from services.analytics.learning.models import LearningActivity, LearningRecord
from services.analytics.learning.schemas import LearningRecordPublic, LearningSource, LearningTotals


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose records, and when they were learned; what is None narrows nothing."""

    bounds: Bounds
    person_id: UUID | None = None
    community_id: UUID | None = None
    department: str | None = None

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What holds of these records. What is undone, and of whom it is not known who they are, is none."""
        found: list[ColumnElement[bool]] = [
            col(LearningRecord.undone).is_(False),
            col(LearningRecord.person_id).is_not(None),
        ]
        if self.person_id is not None:
            found.append(col(LearningRecord.person_id) == self.person_id)
        if self.community_id is not None:
            found.append(col(LearningRecord.community_id) == self.community_id)
        if self.department is not None:
            found.append(col(LearningRecord.person_id).in_(_working_below(self.department)))
        return [*found, *within(col(LearningRecord.at), self.bounds)]


def _working_below(department: str) -> Any:
    """Who works in a department or below it."""
    departments, people = known.departments.c, known.people.c
    # Each is there once, so that departments that stand in a circle end it.
    top: Any = select(departments.id).where(departments.id == department).cte("below", recursive=True)
    below = top.union(select(departments.id).where(departments.parent_code == top.c.id))
    return select(people.id).where(people.department_code.in_(select(below.c.id)))


def listing(wanted: Wanted) -> Listing:
    """Records with the titles of what they are of, the latest first."""
    found = select(LearningRecord, col(LearningActivity.title)).outerjoin(
        LearningActivity, col(LearningActivity.id) == col(LearningRecord.activity_id)
    )
    return Listing(found.where(*wanted.conditions()), [col(LearningRecord.at).desc(), col(LearningRecord.id).desc()])


async def totals(session: AsyncSession, wanted: Wanted) -> LearningTotals:
    """What all these records come to."""
    whole = func.coalesce(func.sum(case((col(LearningRecord.share) >= 1, 1), else_=0)), 0)
    sums = (func.coalesce(func.sum(column), 0.0) for column in (LearningRecord.hours, LearningRecord.taught_hours))
    counted = select(func.count(), func.count(col(LearningRecord.person_id).distinct()), whole, *sums)
    [(records, people, completed, hours, taught)] = await rows_of(
        session, counted.select_from(LearningRecord).where(*wanted.conditions())
    )
    return LearningTotals(
        records=records,
        people=people,
        completed=int(completed),
        hours=round(float(hours), 2),
        taught_hours=round(float(taught), 2),
    )


async def shown(session: AsyncSession, rows: Sequence[Any]) -> list[LearningRecordPublic]:
    """Records with whose they are and what they are of."""
    members = await embedded(session, [record.member_id for record, _ in rows])
    return [
        LearningRecordPublic(
            id=record.id,
            community_id=record.community_id,
            person_id=record.person_id,
            hours=record.hours,
            taught_hours=record.taught_hours,
            minutes=record.minutes,
            member=members[record.member_id],
            source=LearningSource(kind="activity", id=record.activity_id, title=title),
            completion=record.share,
            learned_at=record.at,
        )
        for record, title in rows
    ]


_PERSON: Prepared[Any] = Prepared(
    select(known.people.c.status, known.people.c.department_code).where(known.people.c.id == bindparam("person_id"))
)


async def person(session: AsyncSession, person_id: UUID) -> Any:
    """The status and the department of a person; None where nobody has heard of them."""
    return await _PERSON.first(session, person_id=person_id)
