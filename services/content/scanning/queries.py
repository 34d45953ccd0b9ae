"""Reading lists of words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.ids import COMPANY
from services.content.scanning.models import ListedWord, ScanRules, WordList
from services.content.scanning.scanner import Word

_AT_ONCE = 2_000
_HOLDING: Prepared[Any] = Prepared(
    select(ScanRules)
    .where(
        or_(col(ScanRules.community_id) == bindparam("community_id"), col(ScanRules.community_id) == COMPANY),
        col(ScanRules.generation) > 0,
    )
    .order_by(col(ScanRules.community_id).desc())
)


async def rules_of(session: AsyncSession, community_id: UUID) -> ScanRules | None:
    """What a community does about links and advertising, and of which generation its lists are; None where it never had any."""
    return await session.get(ScanRules, community_id)


async def holding_in(session: AsyncSession, community_id: UUID) -> list[Any]:
    """The rules of a community, and those of the company, as far as anything ever was in them or their lists."""
    return await _HOLDING.all(session, community_id=community_id)


async def words_of(session: AsyncSession, lists: Iterable[UUID]) -> list[Word]:
    """The words of these lists, some at a time, so that others go on meanwhile."""
    found: list[Word] = []
    for list_id in lists:
        after = ""
        while True:
            some = (
                select(
                    col(ListedWord.key),
                    col(ListedWord.word),
                    col(ListedWord.category),
                    col(ListedWord.action),
                    col(ListedWord.mode),
                )
                .where(col(ListedWord.list_id) == list_id, col(ListedWord.key) > after)
                .order_by(col(ListedWord.key))
                .limit(_AT_ONCE)
            )
            rows = (await session.execute(some)).all()
            found += [Word(word, category, action, mode) for _, word, category, action, mode in rows]
            if len(rows) < _AT_ONCE:
                break
            after = rows[-1][0]
    return found


async def enabled_lists(session: AsyncSession, community_id: UUID) -> list[UUID]:
    """The lists that say what is held."""
    lists = select(col(WordList.id)).where(col(WordList.community_id) == community_id, col(WordList.enabled))
    return list((await session.execute(lists.order_by(col(WordList.id)))).scalars())


async def words_in(session: AsyncSession, community_id: UUID) -> int:
    """How many words all lists of a community have."""
    count = select(func.coalesce(func.sum(col(WordList.word_count)), 0)).where(
        col(WordList.community_id) == community_id
    )
    return int((await session.execute(count)).scalar_one())


async def present(session: AsyncSession, list_id: UUID, keys: Iterable[str]) -> dict[str, ListedWord]:
    """Which of these a list has."""
    rows = select(ListedWord).where(
        col(ListedWord.list_id) == list_id, among(session, col(ListedWord.key), sorted(keys))
    )
    return {row.key: row for row in (await session.execute(rows)).scalars()}


def words(list_id: UUID, category: str | None) -> Listing:
    """The words of a list in their order."""
    rows = select(ListedWord).where(col(ListedWord.list_id) == list_id)
    if category is not None:
        rows = rows.where(col(ListedWord.category) == category)
    return Listing(rows, [col(ListedWord.key).asc()])
