"""Reading certificates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.gamification.base import known
from services.gamification.certificates.models import Certificate, CertificateTemplate, CohortName
from services.gamification.certificates.rules import Status

_people, _members, _communities = known.people.c, known.members.c, known.communities.c

_BY_SERIAL: Prepared[Any] = Prepared(
    select(*Certificate.__table__.c, _communities.time_zone)  # type: ignore[attr-defined]
    .join(known.communities, _communities.id == col(Certificate.community_id))
    .where(col(Certificate.serial) == bindparam("serial"))
)
_HOLDERS: Prepared[Any] = Prepared(
    lambda on: (
        select(
            _members.id,
            _members.community_id,
            _members.person_id,
            _members.cohort_id,
            col(CohortName.name).label("cohort_name"),
            _members.status,
            _people.display_name,
            _people.status.label("person_status"),
        )
        .select_from(
            known.members.outerjoin(known.people, _people.id == _members.person_id).outerjoin(
                CohortName.__table__,  # type: ignore[attr-defined]
                col(CohortName.id) == _members.cohort_id,
            )
        )
        .where(on.among(_members.id, "ids"))
    )
)


def templates_of(community_id: UUID, *, archived: bool) -> Listing:
    """A community's templates, the newest first, with what they say."""
    shown = select(CertificateTemplate).where(col(CertificateTemplate.community_id) == community_id)
    if not archived:
        shown = shown.where(col(CertificateTemplate.archived_at).is_(None))
    return Listing(shown, [col(CertificateTemplate.created_at).desc(), col(CertificateTemplate.id).desc()])


async def templates_in_use(session: AsyncSession, community_id: UUID) -> int:
    """How many templates of a community are not archived."""
    found = select(func.count()).where(
        col(CertificateTemplate.community_id) == community_id, col(CertificateTemplate.archived_at).is_(None)
    )
    return int((await session.execute(found)).scalar_one())


def listing(
    *only: ColumnElement[bool], status: Status | None, kind: str | None, expires_before: datetime | None, now: datetime
) -> Listing:
    """Certificates for which this holds, the latest first."""
    table = col(Certificate.valid_until), col(Certificate.revoked_at)
    over = and_(table[0].is_not(None), table[0] <= now)
    where = list(only)
    if status == "revoked":
        where.append(table[1].is_not(None))
    elif status == "expired":
        where += [table[1].is_(None), over]
    elif status == "valid":
        where += [table[1].is_(None), or_(table[0].is_(None), table[0] > now)]
    if kind is not None:
        where.append(col(Certificate.kind) == kind)
    if expires_before is not None:
        where.append(table[0] < expires_before)
    found = select(Certificate).where(*where)
    return Listing(found, [col(Certificate.issued_at).desc(), col(Certificate.id).desc()])


async def by_serial(session: AsyncSession, serial: str) -> Any:
    """A certificate with its titles and the community's time zone; None where there is none."""
    return await _BY_SERIAL.first(session, serial=serial)


async def living(
    session: AsyncSession, template_ids: Sequence[UUID], object_ids: Sequence[UUID], member_ids: Sequence[UUID]
) -> list[Certificate]:
    """The certificates of these that have not ended."""
    found = await session.execute(
        select(Certificate).where(
            col(Certificate.template_id).in_(template_ids),
            col(Certificate.object_id).in_(object_ids),
            col(Certificate.member_id).in_(member_ids),
            col(Certificate.ended_at).is_(None),
        )
    )
    return list(found.scalars())


async def ever(
    session: AsyncSession, template_ids: Sequence[UUID], object_ids: Sequence[UUID], member_ids: Sequence[UUID]
) -> list[Certificate]:
    """The certificates of these, ended ones too, but for those that fell with an attendance: what they rest on now is another."""
    code = col(Certificate.revoked_code)
    found = await session.execute(
        select(Certificate).where(
            among(session, col(Certificate.template_id), template_ids),
            among(session, col(Certificate.object_id), object_ids),
            among(session, col(Certificate.member_id), member_ids),
            or_(code.is_(None), code != "attendance_revoked"),
        )
    )
    return list(found.scalars())


async def holders(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, Any]:
    """What is known of these members and of the people behind them."""
    ids = list(set(member_ids))
    return {row.id: row for row in await _HOLDERS.all(session, ids=ids)} if ids else {}


async def cohort_names(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What these cohorts are called now, as far as it is known."""
    if not ids:
        return {}
    found = select(col(CohortName.id), col(CohortName.name)).where(among(session, col(CohortName.id), ids))
    return {row.id: row.name for row in await session.execute(found)}
