"""Telling what members did, and keeping how it was told."""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.messaging.deeds import ToldDeeds
from services.content.deeds.models import Deed

Aspect = Literal[
    "made", "shown", "helped", "accepted", "revised", "archived", "featured", "featured again", "decided", "merged"
]
"""Of what a message tells; a later one of the same aspect says all that one has to know. Of an answer the first acceptance (`helped`) stays
beside the latest change: it is the one that was paid;
so does the first featuring."""

deeds: Final[ToldDeeds[Aspect]] = ToldDeeds(Deed)

_ACCEPTANCES: Prepared[Deed] = Prepared(
    select(Deed)
    .where(col(Deed.subject_id) == bindparam("answer_id"), col(Deed.aspect).in_(("helped", "accepted")))
    .order_by(col(Deed.version).desc())
)


async def acceptances(session: AsyncSession, answer_id: UUID) -> Sequence[Deed]:
    """What was told of an answer that was accepted, or no longer: the last, and the first if that was another."""
    return await _ACCEPTANCES.all(session, answer_id=answer_id)
