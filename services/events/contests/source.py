"""Where a contest's paper comes from, and who knows it: the one place that asks question banks and papers."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import document_of
from chassis.problems import NOT_FOUND, Problem
from services.events.papers import service as papers
from services.events.papers.service import Published
from services.events.question_banks import queries as questions
from services.events.question_banks import service as banks


async def published(session: AsyncSession, community_id: UUID, paper_id: UUID, version: int) -> Published | None:
    """A version of a paper; None where the community has none such."""
    try:
        found = await papers.published(session, paper_id, version)
    except Problem as refusal:
        if refusal.type is not NOT_FOUND:
            raise
        return None
    return found if found.community_id == community_id else None


async def has_read(session: AsyncSession, person_id: UUID, bank_ids: Collection[UUID]) -> bool:
    """Whether somebody has read questions of these banks."""
    return bool(await banks.has_read(session, [person_id], bank_ids))


async def banks_read(session: AsyncSession, person_id: UUID, bank_ids: Collection[UUID]) -> set[UUID]:
    """Of these banks those of which somebody has read questions."""
    return await questions.read_by(session, person_id, bank_ids)


async def corrected(
    session: AsyncSession, question_ids: Collection[UUID]
) -> Mapping[UUID, tuple[int, Mapping[str, Any]]]:
    """The newest version of each of these questions, with its number."""
    newest = await questions.latest(session, question_ids)
    return {key: (one.version, document_of(one.question)) for key, one in newest.items()}
