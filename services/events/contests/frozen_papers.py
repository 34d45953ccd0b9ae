"""The papers of contests, as they were frozen and as they were corrected."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.frozen import Paper, paper_of
from chassis.database.statements import Prepared, bindparam
from services.events.contests.models import ContestPaper

_KEPT: Final = 8
"""How many papers a process keeps: a question is graded with each answer that is saved."""
_papers: OrderedDict[str, Paper] = OrderedDict()

_FINGERPRINT: Prepared[str] = Prepared(
    select(col(ContestPaper.fingerprint)).where(
        col(ContestPaper.contest_id) == bindparam("contest_id"), col(ContestPaper.revision) == bindparam("revision")
    )
)
_DOCUMENT: Prepared[Any] = Prepared(
    select(col(ContestPaper.document)).where(
        col(ContestPaper.contest_id) == bindparam("contest_id"), col(ContestPaper.revision) == bindparam("revision")
    )
)
_BANKS: Prepared[Any] = Prepared(
    select(col(ContestPaper.bank_ids)).where(
        col(ContestPaper.contest_id) == bindparam("contest_id"), col(ContestPaper.revision) == 0
    )
)


async def banks_of(session: AsyncSession, contest_id: UUID) -> list[UUID]:
    """Whence the questions of a contest come."""
    return [UUID(one) for one in await _BANKS.one(session, contest_id=contest_id)]


async def paper_at(session: AsyncSession, contest_id: UUID, revision: int, fingerprint: str | None = None) -> Paper:
    """The paper by which a revision of a contest is graded. Papers are known by what is in them, so none is read twice."""
    key = fingerprint or await _FINGERPRINT.one(session, contest_id=contest_id, revision=revision)
    paper = _papers.get(key)
    if paper is None:
        paper = parsed(key, await document_at(session, contest_id, revision))
    _papers.move_to_end(key)
    return paper


async def document_at(session: AsyncSession, contest_id: UUID, revision: int) -> Mapping[str, Any]:
    """The same as its document."""
    found: Mapping[str, Any] = await _DOCUMENT.one(session, contest_id=contest_id, revision=revision)
    return found


def parsed(fingerprint: str, document: Mapping[str, Any]) -> Paper:
    """The paper that a document holds."""
    paper = _papers.get(fingerprint)
    if paper is None:
        paper = _papers[fingerprint] = paper_of(document)
        if len(_papers) > _KEPT:
            _papers.popitem(last=False)
    return paper
