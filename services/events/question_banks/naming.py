"""What others name of question banks, for whoever may read them: a question by its bank and its beginning, a bank by its title."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.security.authority import Standing
from services.events.permissions import QUESTION_BANKS_READ
from services.events.question_banks import queries
from services.events.question_banks.access import reaches
from services.events.question_banks.models import QuestionBank
from services.events.question_banks.views import excerpt_of


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question of a bank that the reader may read. Whoever is shown the excerpt has read the bank."""

    bank_id: UUID
    excerpt: str


async def known_banks(
    session: AsyncSession, standing: Standing, bank_ids: Collection[UUID]
) -> Mapping[UUID, QuestionBank]:
    """Of these banks those that the caller may read."""
    found = await queries.banks(session, bank_ids) if bank_ids else {}
    return {
        key: bank
        for key, bank in found.items()
        if bank.community_id == standing.community.id and reaches(standing, QUESTION_BANKS_READ, bank.editor_ids)
    }


async def known_questions(
    session: AsyncSession, standing: Standing, question_ids: Collection[UUID]
) -> Mapping[UUID, KnownQuestion]:
    """Of these questions those of banks that the caller may read, in two statements however many there are."""
    rows = await queries.texts_of(session, question_ids) if question_ids else []
    theirs = await known_banks(session, standing, {row.bank_id for row in rows})
    return {row.id: KnownQuestion(row.bank_id, excerpt_of(row.text)) for row in rows if row.bank_id in theirs}
