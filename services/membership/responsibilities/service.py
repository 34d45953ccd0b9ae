"""Use cases of responsibilities."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.rows import add, edit, permitted
from contracts.membership import ResponsibilityAssigned, ResponsibilityPassed
from services.membership.permissions import RESPONSIBILITIES_WRITE
from services.membership.responsibilities.models import Responsibility
from services.membership.responsibilities.queries import naming
from services.membership.responsibilities.schemas import ResponsibilityCreate, ResponsibilityPatch
from services.membership.roster.occasions import MembershipEnded
from services.membership.roster.service import require_members

MEMBERS = ("holder_id", "deputy_id", "informed_ids")


async def create_responsibility(
    session: AsyncSession, *, caller: Caller, body: ResponsibilityCreate, now: datetime
) -> Responsibility:
    """Say who is responsible for an area. Raises `UNKNOWN_MEMBER`."""
    await authorize(session, caller, RESPONSIBILITIES_WRITE, body.community_id, now=now)
    await require_members(session, body.community_id, body, MEMBERS)
    area = Responsibility(**body.model_dump(), created_at=now)
    await add(session, caller, area, now, tells=ResponsibilityAssigned)
    return area


async def change_responsibility(
    session: AsyncSession, *, caller: Caller, key: UUID, body: ResponsibilityPatch, if_match: int, now: datetime
) -> Responsibility:
    """Rename an area or change who sees to it. Raises `UNKNOWN_MEMBER`."""
    noted = await permitted(session, caller, RESPONSIBILITIES_WRITE, Responsibility, key, now=now)
    await require_members(session, noted.community_id, body, MEMBERS)
    area = await permitted(
        session, caller, RESPONSIBILITIES_WRITE, Responsibility, key, now=now, lock=True, if_match=if_match
    )
    await edit(session, caller, area, body.model_dump(exclude_unset=True), now, tells=ResponsibilityAssigned)
    return area


async def pass_responsibility(session: AsyncSession, *, caller: Caller, key: UUID, now: datetime) -> Responsibility:
    """Make the deputy the holder. Raises `ILLEGAL_TRANSITION` where there is none."""
    area = await permitted(session, caller, RESPONSIBILITIES_WRITE, Responsibility, key, now=now, lock=True)
    if area.deputy_id is None:
        raise ILLEGAL_TRANSITION()
    await edit(session, caller, area, _onward(area, now), now, action="pass", tells=ResponsibilityPassed)
    return area


async def hand_over(session: AsyncSession, ended: MembershipEnded) -> None:
    """Take who left out of every area; what they held passes to the deputy, and where there is none nobody holds it."""
    gone, at = ended.member.id, ended.at
    for area in await naming(session, ended.member):
        values: dict[str, Any] = {"informed_ids": [one for one in area.informed_ids if one != str(gone)]}
        if area.holder_id == gone:
            values |= _onward(area, at)
            await edit(session, None, area, values, at, action="pass", tells=ResponsibilityPassed)
        else:
            values |= {"deputy_id": None} if area.deputy_id == gone else {}
            await edit(session, None, area, values, at, tells=ResponsibilityAssigned)


def _onward(area: Responsibility, at: datetime) -> dict[str, Any]:
    return {"holder_id": area.deputy_id, "deputy_id": None, "passed_at": at}
