"""Reading responsibilities."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.web.embeds import with_members
from chassis.web.work import Work
from services.membership.responsibilities.models import Responsibility
from services.membership.responsibilities.schemas import ResponsibilityPublic
from services.membership.roster.models import Member
from services.membership.roster.queries import embedded_by_id


async def naming(session: AsyncSession, member: Member) -> Sequence[Responsibility]:
    """The areas that name a member in any place, locked."""
    informed = cast(col(Responsibility.informed_ids), String).contains(str(member.id))
    named = or_(col(Responsibility.holder_id) == member.id, col(Responsibility.deputy_id) == member.id, informed)
    areas = select(Responsibility).where(col(Responsibility.community_id) == member.community_id, named)
    return (await session.execute(areas.order_by(col(Responsibility.id)).with_for_update())).scalars().all()


async def public(work: Work, areas: Sequence[Responsibility]) -> list[ResponsibilityPublic]:
    """Areas as they are answered, with their members."""
    return await with_members(ResponsibilityPublic, areas, lambda ids: embedded_by_id(work.session, ids, work.now))


async def without_holder(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The areas that nobody holds."""
    vacant = select(func.count(), func.min(col(Responsibility.passed_at))).where(
        col(Responsibility.community_id) == community_id, is_vacant()
    )
    count, oldest_at = (await session.execute(vacant)).one()
    return Waiting(
        count=count, oldest_at=oldest_at, href=f"/v1/responsibilities?community_id={community_id}&vacant=true"
    )


def is_vacant() -> ColumnElement[bool]:
    """Nobody holds the area."""
    return col(Responsibility.holder_id).is_(None)
