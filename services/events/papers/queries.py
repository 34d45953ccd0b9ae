"""Reading papers: lists, their versions, and where a question is used."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from services.events.base import links
from services.events.papers.models import Paper, PaperEditor, PaperQuestion, PaperVersion


def listing(community_id: UUID, *, editor_id: UUID | None, status: str | None) -> Listing:
    """A community's papers, the newest first; `editor_id`: only those to which this member is appointed."""
    found = [col(Paper.community_id) == community_id]
    if editor_id is not None:
        theirs = and_(col(PaperEditor.paper_id) == col(Paper.id), col(PaperEditor.member_id) == editor_id)
        found.append(exists().where(theirs))
    if status is not None:
        found.append(col(Paper.status) == status)
    return Listing(select(Paper).where(*found), [col(Paper.created_at).desc(), col(Paper.id).desc()])


LISTED: Final = ("paper_id", "version", "fingerprint", "count", "full", "published_by_id", "published_at")
"""The columns of a version that lists have."""


def versions(paper_id: UUID) -> Listing:
    """Versions of a paper, the latest first, without their documents."""
    what = select(*(col(getattr(PaperVersion, name)) for name in LISTED))
    return Listing(what.where(col(PaperVersion.paper_id) == paper_id), [col(PaperVersion.version).desc()])


def uses(question_id: UUID) -> Listing:
    """The versions of papers that have a question, the latest first."""
    used, made = PaperQuestion, PaperVersion
    same = and_(col(made.paper_id) == col(used.paper_id), col(made.version) == col(used.paper_version))
    what = (
        select(
            col(used.paper_id),
            col(Paper.title),
            col(used.paper_version),
            col(used.question_version),
            col(made.published_at),
        )
        .join(made, same)
        .join(Paper, col(Paper.id) == col(used.paper_id))
        .where(col(used.question_id) == question_id)
    )
    order: list[ColumnElement[Any]] = [
        col(made.published_at).desc(),
        col(used.paper_id).desc(),
        col(used.paper_version).desc(),
    ]
    return Listing(what, order)


async def version_of(session: AsyncSession, paper_id: UUID, version: int) -> PaperVersion | None:
    """One version of a paper."""
    return await session.get(PaperVersion, (paper_id, version))


async def senders(
    session: AsyncSession, question_ids: Collection[UUID], attachment_ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """Of these files who named each first in one of these questions."""
    table = links.table.c
    found = (
        select(table.attachment_id, table.person_id)
        .where(among(session, table.object_id, question_ids), among(session, table.attachment_id, attachment_ids))
        .order_by(table.changed_at.desc(), table.object_id.desc())
    )
    return {row.attachment_id: row.person_id for row in await session.execute(found)}
