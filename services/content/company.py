"""What is the company's as a whole and no community's: its lists of words and what they hold, which platform admins keep.

Tables have `COMPANY` where a community's id would stand, requests and answers have none.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.ids import COMPANY
from chassis.problems import FORBIDDEN, NOT_FOUND, SESSION_REVOKED, UNAUTHENTICATED, Problem
from chassis.security.authority import CommunityFacts, MemberFacts, Standing, authorize_platform
from chassis.security.caller import Caller
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.content.base import known
from services.content.permissions import (
    COMPANY_MODERATION_DECIDE,
    COMPANY_MODERATION_READ,
    COMPANY_WORD_LISTS_WRITE,
    MODERATION_DECIDE,
    MODERATION_READ,
    WORD_LISTS_WRITE,
)

Row = TypeVar("Row", bound=SQLModel)

_ROWS: Final[Mapping[str, Permission]] = {
    MODERATION_READ.name: COMPANY_MODERATION_READ,
    MODERATION_DECIDE.name: COMPANY_MODERATION_DECIDE,
    WORD_LISTS_WRITE.name: COMPANY_WORD_LISTS_WRITE,
}
"""By what an operation needs in a community, what it needs for the company."""

_STATUS: Prepared[Any] = Prepared(select(known.people.c.status).where(known.people.c.id == bindparam("person_id")))


def named(community_id: UUID) -> UUID | None:
    """A community as answers and messages name it: none for the company."""
    return None if community_id == COMPANY else community_id


async def permit(work: Work, community_id: UUID | None) -> UUID:
    """Refuse a caller who may not do this in the community, or without one for the company; returns what tables have for it."""
    if community_id is None:
        await authorize_company(work.session, work.caller, work.permission)
        return COMPANY
    await work.permit(community_id)
    return community_id


async def permitted(work: Work, model: type[Row], key: Any, *, lock: bool = False) -> Row:
    """The row with this key, if the caller may do this in its community, or for the company. Raises `NOT_FOUND`."""
    row = await existing(work.session, model, key, lock=lock)
    community_id: UUID = row.community_id  # type: ignore[attr-defined]  # its table has one
    await permit_row(work, community_id)
    return row


async def permit_row(work: Work, community_id: UUID) -> None:
    """The same for a row of this community: what is the company's is not there for others."""
    try:
        await permit(work, named(community_id))
    except Problem as problem:
        if community_id == COMPANY and problem.type is FORBIDDEN:
            raise NOT_FOUND() from None
        raise


async def authorize_company(session: AsyncSession, caller: Caller | None, wanted: Permission | None) -> None:
    """Refuse a caller whose platform role does not give for the company what this permission gives in a community."""
    if wanted is None:
        raise TypeError("an operation that permits declares a permission")
    if caller is None:
        raise UNAUTHENTICATED(headers={"WWW-Authenticate": "Bearer"})
    if caller.kind == "person" and await _STATUS.first(session, person_id=caller.id) not in {None, "active"}:
        raise SESSION_REVOKED()
    authorize_platform(session, caller, _ROWS[wanted.name])


def standing_of(work: Work) -> Standing:
    """An administrator who was permitted, as if the company were a community of which they are a member under their own id."""
    caller = work.caller
    if caller is None:
        raise TypeError("nobody is permitted without a caller")
    facts = CommunityFacts(COMPANY, "", "active", "closed", "UTC", time(), "")
    member = MemberFacts(caller.id, caller.id, "active", frozenset())
    return Standing(community=facts, member=member, columns=frozenset({"A"}), reach=frozenset({Reach.ALL}))


def may_decide(standing: Standing) -> bool:
    """Whether they decide about what waits there."""
    wanted = COMPANY_MODERATION_DECIDE if standing.community.id == COMPANY else MODERATION_DECIDE
    return Reach.ALL in wanted.reach(standing.columns)
