"""What a new community takes from another one: what this service knows of it, as everybody reads it there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import INVALID, FieldError, Problem
from chassis.security.authority import COMMUNITIES_READ, authorize
from chassis.security.caller import Caller
from services.membership.communities.models import Charter, Community
from services.membership.communities.schemas import CharterContent, CommunityCreate

_SETTINGS: Final = ("kind", "visibility", "join", "time_zone", "streak_days", "operated_by")


async def completed(session: AsyncSession, caller: Caller, body: CommunityCreate, now: datetime) -> CommunityCreate:
    """The request with what it takes from the other community; what it says itself counts. Raises `INVALID` for one that nobody shows the caller."""
    if body.copy_from is None:
        return body
    source = await _source(session, caller, body, now)
    taken = await _taken(session, source, body.parts)
    said = {name: getattr(body, name) for name in body.model_fields_set}
    return CommunityCreate.model_validate(taken | said)


async def _source(session: AsyncSession, caller: Caller, body: CommunityCreate, now: datetime) -> Community:
    """Answered alike for none and for one that the caller may not know of."""
    wrong = INVALID(
        errors=[FieldError("/copy_from", "unknown_community", "You see no such community.", "没有你可见的该社群。")]
    )
    source = await session.get(Community, body.copy_from)
    if source is None:
        raise wrong
    try:
        await authorize(session, caller, COMMUNITIES_READ, source.id, now=now)
    except Problem:
        raise wrong from None
    return source


async def _taken(session: AsyncSession, source: Community, parts: Sequence[str]) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    if "settings" in parts:
        taken |= {name: getattr(source, name) for name in _SETTINGS}
        taken["day_starts_at"] = source.day_starts_at.strftime("%H:%M")
    if "positioning" in parts and source.positioning is not None:
        # As everybody reads it: what moderation holds back is not spread.
        taken["positioning"] = source.positioning
    if "charter" in parts and source.charter_version:
        charter = await session.get_one(Charter, (source.id, source.charter_version))
        taken["charter"] = CharterContent.model_validate(charter.content)
    return taken
