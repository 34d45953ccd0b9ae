"""Reading retrospectives: lists, and what waits for whom."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity, Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity, Organiser
from services.events.base import known
from services.events.retrospectives.models import Retrospective

_WRITE: Final = {"en": "Look back: {about}", "zh-CN": "写复盘：{about}"}
_MOST: Final = 100
_ALL: Final = frozenset({"operator", "owner"})
"""The roles of those who write every retrospective of a community; lecturers write those of the activities that they run."""


def listing(community_id: UUID, status: str | None, organiser_id: UUID | None) -> Listing:
    """A community's retrospectives, the first due first; with an `organiser_id` those of the activities that they run."""
    found = [col(Retrospective.community_id) == community_id]
    if status is not None:
        written = col(Retrospective.written_at)
        found.append(written.is_(None) if status == "due" else written.is_not(None))
    if organiser_id is not None:
        found.append(
            exists().where(
                col(Organiser.activity_id) == col(Retrospective.activity_id),
                col(Organiser.member_id) == organiser_id,
            )
        )
    return Listing(select(Retrospective).where(*found), [col(Retrospective.due_at).asc(), col(Retrospective.id).asc()])


async def of_month(session: AsyncSession, community_id: UUID, month: str) -> Retrospective | None:
    """The retrospective of a month, if there is one."""
    found = select(Retrospective).where(
        col(Retrospective.community_id) == community_id, col(Retrospective.month) == month
    )
    return (await session.execute(found)).scalar_one_or_none()


_TITLES: Prepared[Any] = Prepared(
    lambda on: select(col(Activity.id), col(Activity.title)).where(on.among(col(Activity.id), "ids"))
)


async def titles_of(session: AsyncSession, activity_ids: Collection[UUID]) -> dict[UUID, str]:
    """What activities are called."""
    if not activity_ids:
        return {}
    return {row.id: row.title for row in await _TITLES.all(session, ids=list(activity_ids))}


_DUE: Prepared[Any] = Prepared(
    select(
        func.count(),
        func.min(col(Retrospective.created_at)),
        func.coalesce(func.sum(case((col(Retrospective.due_at) <= bindparam("now"), 1), else_=0)), 0),
    ).where(col(Retrospective.community_id) == bindparam("community_id"), col(Retrospective.written_at).is_(None))
)


async def to_write(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The activities and months at which nobody has looked back."""
    count, oldest_at, overdue = await _DUE.one(session, community_id=community_id, now=now)
    href = f"/v1/retrospectives?community_id={community_id}&status=due"
    return Waiting(count=count, oldest_at=oldest_at, overdue=overdue, href=href)


_members, _communities = known.members.c, known.communities.c
_OWN: Prepared[Any] = Prepared(
    select(
        col(Retrospective.id),
        col(Retrospective.month),
        col(Retrospective.due_at),
        col(Activity.title),
        _members.roles,
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
    )
    .select_from(Retrospective)
    .join(known.members, _members.community_id == col(Retrospective.community_id))
    .join(known.communities, _communities.id == col(Retrospective.community_id))
    .outerjoin(Activity, col(Activity.id) == col(Retrospective.activity_id))
    .outerjoin(
        Organiser,
        (col(Organiser.activity_id) == col(Retrospective.activity_id)) & (col(Organiser.member_id) == _members.id),
    )
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status.not_in(sorted(LEFT_STATUSES)),
        _communities.status != "archived",
        col(Retrospective.written_at).is_(None),
        col(Organiser.member_id).is_not(None) | col(Retrospective.activity_id).is_(None),
    )
    .order_by(col(Retrospective.due_at), col(Retrospective.id))
    .limit(_MOST)
)


async def own_to_write(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The activities that the caller runs, and the months of communities that they run, at which nobody has looked back."""
    rows = await _OWN.all(session, person_id=reader.caller.id)
    return [_task(row, reader) for row in rows if _writes(row)]


def _writes(row: Any) -> bool:
    return not (_ALL if row.month is not None else _ALL | {"lecturer"}).isdisjoint(row.roles)


def _task(row: Any, reader: Reader) -> Task:
    return Task(
        code="write_retrospective",
        title=_WRITE[reader.locale].format(about=row.title or row.month),
        due_at=row.due_at,
        community=TaskCommunity(id=row.community_id, name=row.community_name),
        href=f"/v1/retrospectives/{row.id}",
        object=ObjectRef(kind="retrospective", id=row.id),
    )
