"""Which articles show their files to whom."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.content.articles.access import SeenArticle, visible_to
from services.content.articles.models import Article
from services.content.attachments.occasions import Asked, Named
from services.content.discussions.access import moderates
from services.content.discussions.files import seen_with, standings_of

_ARTICLES: Prepared[Article] = Prepared(lambda on: select(Article).where(on.among(col(Article.id), "ids")))


async def article_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those that the caller reads; what another version names, their authors and who decides about it. The original of one that gives none
    away is theirs alone.
    """
    named = [one for one in asked.named if one.kind == "article"]
    if not named:
        return []
    standings = await standings_of(session, asked, named)
    reads = {key: await visible_to(session, asked.caller, standing) for key, standing in standings.items()}
    articles = {row.id: row for row in await _ARTICLES.all(session, ids=[one.object_id for one in named])}
    groups = await seen_with(session, standings, articles.values())
    found = []
    for one in named:
        row, standing = articles.get(one.object_id), standings.get(one.community_id)
        if row is None or standing is None or not groups.see(row):
            continue
        seen = SeenArticle(row, standing)
        if row.removed_at is not None and not (seen.mine or moderates(standing)):
            continue
        reader = one.shown and row.published_at is not None and row.visibility in reads[one.community_id]
        reader = reader and (row.download or not asked.original)
        if seen.mine or (seen.works and row.visibility in reads[one.community_id]) or reader:
            found.append(one)
    return found
