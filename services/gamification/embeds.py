"""Members as answers name them, and what else is known of one, from the projection."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.schemas import MemberEmbed
from services.gamification.base import known

LEFT_STATUSES = frozenset({"left", "expelled", "erased"})


@dataclass(frozen=True, slots=True)
class KnownMember:
    """What the projection knows of one member."""

    id: UUID
    community_id: UUID
    person_id: UUID
    status: str
    joined_at: datetime
    time_zone: str | None


async def known_member(session: AsyncSession, member_id: UUID) -> KnownMember | None:
    """A member by id; None where no message about him has arrived."""
    members, people = known.members.c, known.people.c
    row = (
        await session.execute(
            select(
                members.id, members.community_id, members.person_id, members.status, members.joined_at, people.time_zone
            )
            .select_from(known.members.outerjoin(known.people, people.id == members.person_id))
            .where(members.id == member_id)
        )
    ).first()
    return KnownMember(*row) if row is not None else None


async def embedded(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, MemberEmbed]:
    """These members as answers name them; one not known yet has an id alone, as has one who was erased."""
    wanted = set(member_ids)
    if not wanted:
        return {}
    members, people = known.members.c, known.people.c
    rows = await session.execute(
        select(
            members.id,
            members.roles,
            members.status,
            people.display_name,
            people.department_code,
            people.avatar_url,
            people.status.label("person_status"),
        )
        .select_from(known.members.outerjoin(known.people, people.id == members.person_id))
        .where(members.id.in_(wanted))
    )
    found: dict[UUID, MemberEmbed] = {}
    for row in rows:
        erased = row.status == "erased" or row.person_status == "erased"
        found[row.id] = MemberEmbed(
            member_id=row.id,
            display_name=None if erased else row.display_name,
            department=None if erased else row.department_code,
            avatar_url=None if erased else row.avatar_url,
            roles=list(row.roles),
            left=row.status in LEFT_STATUSES,
        )
    return found | {
        member_id: MemberEmbed(member_id=member_id, display_name=None) for member_id in wanted - found.keys()
    }
