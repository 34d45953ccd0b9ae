"""Reading question banks: lists, who has read one, versions of questions, and what draws may take."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.documents import question_of
from assessment.frozen import Asked
from assessment.questions import Question as Content
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import is_postgres
from services.events.question_banks.models import (
    Question,
    QuestionBank,
    QuestionBankEditor,
    QuestionBankReader,
    QuestionVersion,
)
from services.events.question_banks.rules import path_of


def listing(community_id: UUID, *, editor_id: UUID | None, status: str | None) -> Listing:
    """A community's banks, the newest first; `editor_id`: only those to which this member is appointed."""
    found = [col(QuestionBank.community_id) == community_id]
    if editor_id is not None:
        found.append(
            exists().where(
                col(QuestionBankEditor.bank_id) == col(QuestionBank.id), col(QuestionBankEditor.member_id) == editor_id
            )
        )
    if status is not None:
        found.append(col(QuestionBank.status) == status)
    order: list[ColumnElement[Any]] = [col(QuestionBank.created_at).desc(), col(QuestionBank.id).desc()]
    return Listing(select(QuestionBank).where(*found), order)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions are looked for: all of these apply, and an empty one asks nothing. A category has all below it."""

    kinds: Collection[str] = ()
    difficulties: Collection[int] = ()
    category: Sequence[str] = ()
    tags: Collection[str] = ()
    status: str | None = None
    q: str = ""

    def conditions(self, session: AsyncSession) -> Iterable[ColumnElement[bool]]:
        """The same of rows of questions."""
        if self.kinds:
            yield col(Question.kind).in_(sorted(self.kinds))
        if self.difficulties:
            yield col(Question.difficulty).in_(sorted(self.difficulties))
        if self.category:
            yield col(Question.category_path).startswith(path_of(self.category), autoescape=True)
        if self.tags:
            yield _has_tags(session, sorted(self.tags))
        if self.status is not None:
            yield col(Question.status) == self.status
        if self.q:
            yield col(Question.text).icontains(self.q, autoescape=True) | col(Question.name).icontains(
                self.q, autoescape=True
            )


def questions(session: AsyncSession, bank_id: UUID, wanted: Wanted) -> Listing:
    """Questions of a bank in the order in which they came into it."""
    found = [col(Question.bank_id) == bank_id, *wanted.conditions(session)]
    return Listing(select(Question).where(*found), [col(Question.number).asc()])


def versions(question_id: UUID) -> Listing:
    """Who changed a question when and why, the latest first, without what it says."""
    one = QuestionVersion
    what = select(col(one.version), col(one.reason), col(one.made_by_id), col(one.made_at))
    return Listing(what.where(col(one.question_id) == question_id), [col(one.version).desc()])


async def version_of(session: AsyncSession, question_id: UUID, version: int) -> QuestionVersion | None:
    """One version of a question."""
    return await session.get(QuestionVersion, (question_id, version))


def content_in(row: QuestionVersion) -> Content:
    """What a version says."""
    return question_of(row.document)


async def latest(session: AsyncSession, question_ids: Collection[UUID]) -> dict[UUID, Asked]:
    """The newest version of each of these questions, archived or not: what corrects a paper that was given."""
    newest = and_(
        col(QuestionVersion.question_id) == col(Question.id), col(QuestionVersion.version) == col(Question.version)
    )
    found = select(col(Question.id), col(Question.version), col(QuestionVersion.document)).join(QuestionVersion, newest)
    rows = await session.execute(found.where(among(session, col(Question.id), question_ids)))
    return {key: Asked(str(key), version, question_of(document)) for key, version, document in rows}


async def documents(session: AsyncSession, question_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the newest version of each of these questions says, as it is kept."""
    newest = and_(
        col(QuestionVersion.question_id) == col(Question.id), col(QuestionVersion.version) == col(Question.version)
    )
    found = select(col(Question.id), col(QuestionVersion.document)).join(QuestionVersion, newest)
    rows = await session.execute(found.where(among(session, col(Question.id), question_ids)))
    return {row[0]: row[1] for row in rows}


async def at_versions(session: AsyncSession, wanted: Collection[tuple[UUID, int]]) -> dict[UUID, Asked]:
    """These questions in these versions: what a regrading was decided with."""
    if not wanted:
        return {}
    one = QuestionVersion
    found = select(col(one.question_id), col(one.version), col(one.document)).where(
        tuple_(col(one.question_id), col(one.version)).in_(list(wanted))
    )
    rows = await session.execute(found)
    return {key: Asked(str(key), version, question_of(document)) for key, version, document in rows}


async def readers(session: AsyncSession, person_ids: Collection[UUID], bank_ids: Collection[UUID]) -> set[UUID]:
    """Who of these people has read a question of one of these banks."""
    found = select(col(QuestionBankReader.person_id)).where(
        among(session, col(QuestionBankReader.bank_id), bank_ids),
        among(session, col(QuestionBankReader.person_id), person_ids),
    )
    return set((await session.execute(found.distinct())).scalars())


async def read_by(session: AsyncSession, person_id: UUID, bank_ids: Collection[UUID]) -> set[UUID]:
    """Of these banks those of which a person has read a question."""
    if not bank_ids:
        return set()
    found = select(col(QuestionBankReader.bank_id)).where(
        among(session, col(QuestionBankReader.bank_id), bank_ids), col(QuestionBankReader.person_id) == person_id
    )
    return set((await session.execute(found)).scalars())


async def banks_of(session: AsyncSession, question_ids: Collection[UUID]) -> dict[UUID, Any]:
    """Of each of these questions its bank, community, status and marks."""
    one = Question
    found = select(col(one.id), col(one.bank_id), col(one.community_id), col(one.status), col(one.marks))
    rows = await session.execute(found.where(among(session, col(one.id), question_ids)))
    return {row.id: row for row in rows}


async def texts_of(session: AsyncSession, question_ids: Collection[UUID]) -> Sequence[Any]:
    """Of each of these questions its id, bank and text."""
    found = select(col(Question.id), col(Question.bank_id), col(Question.text))
    return (await session.execute(found.where(among(session, col(Question.id), question_ids)))).all()


async def banks(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, QuestionBank]:
    """These banks by id."""
    rows = await session.execute(select(QuestionBank).where(among(session, col(QuestionBank.id), ids)))
    return {one.id: one for one in rows.scalars()}


async def drawable(
    session: AsyncSession, bank_id: UUID, wanted: Wanted, *, lot: int, most: int, without: Collection[UUID] = ()
) -> list[UUID]:
    """Questions that a draw may take, at most so many: from a lot on, and where they end from the beginning."""
    found = [col(Question.bank_id) == bank_id, *wanted.conditions(session), col(Question.status) == "active"]
    if without:
        found.append(~among(session, col(Question.id), without))
    order: list[ColumnElement[Any]] = [(col(Question.lot) < lot).asc(), col(Question.lot).asc(), col(Question.id).asc()]
    return list((await session.execute(select(col(Question.id)).where(*found).order_by(*order).limit(most))).scalars())


def _has_tags(session: AsyncSession, tags: Sequence[str]) -> ColumnElement[bool]:
    column = col(Question.tags)
    if is_postgres(session):
        return type_coerce(column, JSONB).contains(list(tags))
    each = func.json_each(column).table_valued("value")
    return and_(*(exists(select(each.c.value).where(each.c.value == tag)) for tag in tags))
