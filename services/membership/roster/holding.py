"""What sanctions make of members at a moment: short mutes, and what penalties say."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.roster.models import Member
from services.membership.roster.occasions import SanctionsSought, sanctions_sought
from services.membership.roster.queries import muted_until
from services.membership.roster.rules import Hold, strongest


async def holds_of(session: AsyncSession, members: Sequence[Member], at: datetime) -> dict[UUID, Hold]:
    """What these locked members may not do at a moment, of those who may not do everything."""
    if not members:
        return {}
    ids = [member.id for member in members]
    holds = {member_id: [Hold("muted", until)] for member_id, until in (await muted_until(session, ids, at)).items()}
    for answer in await sanctions_sought.happened(session, SanctionsSought(members, at)):
        for member_id, several in answer.items():
            holds.setdefault(member_id, []).extend(several)
    return {member_id: strongest(several) for member_id, several in holds.items()}
