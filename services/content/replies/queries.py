"""Reading a thread: its replies in their order, and the first comments on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import rows_of
from services.content.replies.models import Reply

FIRST_COMMENTS = 3
BEFORE = 10
"""How many replies stand before the one around which a list begins."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what they wrote they see although it was removed, moderators see all."""

    member_id: UUID | None
    moderates: bool

    def sees(self) -> list[ColumnElement[bool]]:
        """For a statement of replies. A removed answer keeps its place above its comments."""
        if self.moderates:
            return []
        seen = [col(Reply.removed_at).is_(None), col(Reply.comment_count) > 0]
        return [or_(*seen, *([col(Reply.author_id) == self.member_id] if self.member_id is not None else []))]


def thread(
    discussion_id: UUID, parent_reply_id: UUID | None, reader: Reader, *, after: int = 0, but: UUID | None = None
) -> Listing:
    """The replies at the top level, or the comments on an answer, in their order."""
    replies = select(Reply).where(
        col(Reply.discussion_id) == discussion_id,
        col(Reply.parent_reply_id) == parent_reply_id
        if parent_reply_id is not None
        else col(Reply.parent_reply_id).is_(None),
        col(Reply.position) > after,
        *reader.sees(),
    )
    if but is not None:
        replies = replies.where(col(Reply.id) != but)
    return Listing(replies, [col(Reply.position).asc()])


async def beginning_before(session: AsyncSession, reply: Reply, reader: Reader) -> int:
    """After which position a list begins that has this reply and a few before it."""
    shown = thread(reply.discussion_id, reply.parent_reply_id, reader).statement.with_only_columns(col(Reply.position))
    earlier = shown.where(col(Reply.position) < reply.position).order_by(col(Reply.position).desc())
    found = list((await session.execute(earlier.limit(BEFORE))).scalars())
    return found[-1] - 1 if found else reply.position - 1


async def first_comments(session: AsyncSession, answer_ids: Iterable[UUID], reader: Reader) -> dict[UUID, list[Reply]]:
    """The first comments on each answer, and one more where there are more, in one statement."""
    ids = list(answer_ids)
    if not ids:
        return {}
    place = func.row_number().over(partition_by=col(Reply.parent_reply_id), order_by=col(Reply.position)).label("place")
    placed = (
        select(col(Reply.id), place).where(among(session, col(Reply.parent_reply_id), ids), *reader.sees()).subquery()
    )
    comments = (
        select(Reply)
        .join(placed, placed.c.id == col(Reply.id))
        .where(placed.c.place <= FIRST_COMMENTS + 1)
        .order_by(col(Reply.position))
    )
    found: dict[UUID, list[Reply]] = {answer_id: [] for answer_id in ids}
    for row in await rows_of(session, comments):
        found[row.parent_reply_id].append(row)
    return found
