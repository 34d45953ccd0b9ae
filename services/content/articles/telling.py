"""The messages that tell what an article is to one of its readers."""

from typing import Final

from contracts.content import ArticleRated, ArticleRead
from services.content.articles.models import Article, ArticleReading

FINISHED: Final = 0.9
"""Who read this much has read it."""


def read(reading: ArticleReading, article: Article) -> ArticleRead:
    """How far they have read it."""
    return ArticleRead(
        community_id=article.community_id,
        article_id=article.id,
        member_id=reading.member_id,
        progress=reading.progress,
        finished=reading.progress >= FINISHED,
        tags=tuple(article.tags),
    )


def rated(reading: ArticleReading, article: Article) -> ArticleRated:
    """How they rate it. Raises `ValueError` if they do not."""
    if reading.rating is None:
        raise ValueError("without a rating there is nothing to tell")
    return ArticleRated(
        community_id=article.community_id, article_id=article.id, member_id=reading.member_id, rating=reading.rating
    )
