"""Who speaks at activities, as all read it that names them. How speakers from outside are reached stands elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, null, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from chassis.security.caller import Caller
from services.events.activities.models import Speaker
from services.events.base import known


@dataclass(frozen=True, slots=True)
class Speaking:
    """Somebody who speaks at an activity.

    `name` is None for who was erased, `member_id` for who was never a member of the community; `here`: they are one now.
    """

    id: UUID
    activity_id: UUID
    person_id: UUID | None
    name: str | None
    member_id: UUID | None
    here: bool


_people, _members = known.people.c, known.members.c
_ALL: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Speaker.id),
            col(Speaker.activity_id),
            col(Speaker.person_id),
            func.coalesce(
                col(Speaker.name), case((_people.status == "erased", null()), else_=_people.display_name)
            ).label("name"),
            _members.id.label("member_id"),
            _members.status,
        )
        .outerjoin(known.people, _people.id == col(Speaker.person_id))
        .outerjoin(
            known.members,
            and_(_members.person_id == col(Speaker.person_id), _members.community_id == col(Speaker.community_id)),
        )
        .where(on.among(col(Speaker.activity_id), "activity_ids"), col(Speaker.withdrawn_at).is_(None))
        .order_by(col(Speaker.activity_id), col(Speaker.invited_at), col(Speaker.id))
    )
)
_SPEAKS: Prepared[UUID] = Prepared(
    select(col(Speaker.id)).where(
        col(Speaker.activity_id) == bindparam("activity_id"),
        col(Speaker.person_id) == bindparam("person_id"),
        col(Speaker.withdrawn_at).is_(None),
    )
)


async def speakers_of(session: AsyncSession, activity_ids: Collection[UUID]) -> Mapping[UUID, list[Speaking]]:
    """Who speaks at these activities, who was invited first first."""
    found: dict[UUID, list[Speaking]] = {key: [] for key in activity_ids}
    for row in await _ALL.all(session, activity_ids=list(found)):
        here = row.member_id is not None and row.status not in LEFT_STATUSES
        found[row.activity_id].append(
            Speaking(row.id, row.activity_id, row.person_id, row.name, row.member_id, here),
        )
    return found


async def speaks_at(session: AsyncSession, caller: Caller | None, activity_id: UUID) -> bool:
    """Whether the caller is one of its speakers; a guest, whose invitation stands, is one of their activity."""
    if caller is None or caller.kind == "service":
        return False
    if caller.kind == "guest":
        return caller.activity_id == activity_id
    return await _SPEAKS.first(session, activity_id=activity_id, person_id=caller.id) is not None
