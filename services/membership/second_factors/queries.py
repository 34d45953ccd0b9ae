"""Who has a second factor, and which."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.statements import Prepared, bindparam
from services.membership.second_factors.models import RecoveryCode, SecondFactor


async def has_second_factor(session: AsyncSession, person_id: UUID) -> bool:
    """Whether the person has an app whose codes count."""
    return bool(await _CONFIRMED.all(session, person_id=person_id))


_CONFIRMED = Prepared(
    select(SecondFactor.id).where(
        col(SecondFactor.person_id) == bindparam("person_id"), col(SecondFactor.confirmed_at).is_not(None)
    )
)


async def factors_of(session: AsyncSession, person_id: UUID, *, lock: bool = False) -> Sequence[SecondFactor]:
    """What the person has set up, the older first. All that is decided about their codes is decided under this lock."""
    statement = select(SecondFactor).where(col(SecondFactor.person_id) == person_id).order_by(col(SecondFactor.id))
    if not lock:
        return (await session.exec(statement)).all()
    with taking((SecondFactor.__tablename__, person_id)):
        locked = statement.with_for_update().execution_options(populate_existing=True)
        return (await session.exec(locked)).all()


async def recovery_codes_left(session: AsyncSession, person_id: UUID) -> int:
    """How many of the person's recovery codes are unused."""
    found = await session.exec(
        select(func.count())
        .select_from(RecoveryCode)
        .where(col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None))
    )
    return found.one()
