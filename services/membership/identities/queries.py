"""Finding identities."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from chassis.database.listing import Listing
from services.membership.identities.models import Identity

MOST = 100
"""So many one person has at most."""


def _same(tenant: str, provider: str, kind: str, subject: str) -> SelectOfScalar[Identity]:
    return select(Identity).where(
        col(Identity.provider) == provider,
        col(Identity.tenant) == tenant,
        col(Identity.kind) == kind,
        col(Identity.subject) == subject,
    )


async def named_alike(
    session: AsyncSession, *, provider: str, tenant: str, kind: str, subject: str
) -> Sequence[Identity]:
    """Everybody whom the provider ever called so, who is called so now first."""
    found = await session.exec(
        _same(tenant, provider, kind, subject)
        .order_by(col(Identity.closed_at).is_not(None), col(Identity.id))
        .limit(MOST)
    )
    return found.all()


async def open_identities(session: AsyncSession, person_id: UUID) -> list[Identity]:
    """What a person can log in with, the oldest first."""
    found = await session.exec(
        select(Identity)
        .where(col(Identity.person_id) == person_id, col(Identity.closed_at).is_(None))
        .order_by(col(Identity.id))
        .limit(MOST)
    )
    return list(found)


async def was_in(session: AsyncSession, person_id: UUID) -> bool:
    """Whether a person has ever come in by one of their accounts, also by one that they lost."""
    found = await session.exec(
        select(Identity.id)
        .where(col(Identity.person_id) == person_id, col(Identity.last_used_at).is_not(None))
        .limit(1)
    )
    return found.first() is not None


def identities_of(person_id: UUID) -> Listing:
    """All that a person has or had, the latest first."""
    return Listing(select(Identity).where(col(Identity.person_id) == person_id), [col(Identity.id).desc()])
