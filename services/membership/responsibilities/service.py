"""Use cases of responsibilities."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.work import Work
from contracts.membership import ResponsibilityAssigned
from services.membership.responsibilities.models import Responsibility
from services.membership.responsibilities.queries import naming
from services.membership.responsibilities.schemas import ResponsibilityCreate, ResponsibilityPatch
from services.membership.roster.occasions import MemberConcerned
from services.membership.roster.service import require_members

MEMBERS = ("holder_id", "deputy_id", "informed_ids")


async def create_responsibility(work: Work, body: ResponsibilityCreate) -> Responsibility:
    """Say who is responsible for an area. Raises `UNKNOWN_MEMBER`."""
    await work.permit(body.community_id)
    await require_members(work.session, body.community_id, body, MEMBERS)
    return await work.add(Responsibility(**body.model_dump(), created_at=work.now), tells=ResponsibilityAssigned)


async def change_responsibility(work: Work, key: UUID, body: ResponsibilityPatch, if_match: int) -> Responsibility:
    """Rename an area or change who sees to it. Raises `UNKNOWN_MEMBER`."""
    noted = await work.permitted(Responsibility, key)
    await require_members(work.session, noted.community_id, body, MEMBERS)
    area = await work.permitted(Responsibility, key, lock=True, if_match=if_match)
    return await work.edit(area, body.model_dump(exclude_unset=True), tells=ResponsibilityAssigned)


async def hand_over(session: AsyncSession, ended: MemberConcerned) -> None:
    """Take who left out of every area; what they held passes to the deputy, and where there is none nobody holds it."""
    work, gone = Work(session, ended.at), ended.member.id
    for area in await naming(session, ended.member):
        values: dict[str, Any] = {"informed_ids": [one for one in area.informed_ids if one != str(gone)]}
        if area.holder_id == gone:
            values |= {"holder_id": area.deputy_id, "passed_at": ended.at}
        if gone in (area.holder_id, area.deputy_id):
            values |= {"deputy_id": None}
        await work.edit(area, values, tells=ResponsibilityAssigned)
