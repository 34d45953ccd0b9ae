"""Reading who has agreed to a charter, and who has not."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.web.work import Work
from services.membership.charter_agreements.models import CharterAgreement
from services.membership.charter_agreements.schemas import MissingAgreement
from services.membership.communities.models import Community
from services.membership.roster.models import Member
from services.membership.roster.queries import embedded_by_id
from services.membership.roster.rules import ENDED

MOST_TASKS: Final = 100


def missing(community_id: UUID, version: int) -> Listing:
    """The members who have not agreed to a version, who joined first first."""
    given = exists().where(col(CharterAgreement.member_id) == col(Member.id), col(CharterAgreement.version) == version)
    statement = select(Member).where(col(Member.community_id) == community_id, col(Member.status).not_in(ENDED), ~given)
    return Listing(statement, [col(Member.joined_at).asc(), col(Member.id).asc()])


async def shown_missing(work: Work, members: Sequence[Member]) -> list[MissingAgreement]:
    """Members who have not agreed, as a page shows them."""
    named = await embedded_by_id(work.session, [one.id for one in members], work.now)
    return [MissingAgreement(member=named[one.id], member_since=one.joined_at) for one in members]


_ASKED: Prepared[Any] = Prepared(
    select(Community)
    .join(Member, col(Member.community_id) == col(Community.id))
    .outerjoin(
        CharterAgreement,
        and_(
            col(CharterAgreement.member_id) == col(Member.id),
            col(CharterAgreement.version) == col(Community.charter_version),
        ),
    )
    .where(
        col(Member.person_id) == bindparam("person_id"),
        # Suspended members read no more of a community than its name.
        col(Member.status).in_(["active", "muted"]),
        col(Community.status) == "open",
        col(Community.charter_version) > 0,
        col(CharterAgreement.member_id).is_(None),
    )
    .order_by(col(Member.joined_at), col(Member.id))
    .limit(MOST_TASKS)
)


async def asked_of(session: AsyncSession, person_id: UUID) -> Sequence[Community]:
    """The open communities to whose present charter a person has not agreed."""
    found: Sequence[Community] = await _ASKED.all(session, person_id=person_id)
    return found
