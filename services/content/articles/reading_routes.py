"""HTTP of what an article is to one member."""

from uuid import UUID

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Write
from chassis.web.operations import api_router, operation
from services.content.articles import reading
from services.content.articles.schemas import ArticleMine, ArticleRatedPublic, ProgressPut, RatingPut
from services.content.permissions import ARTICLES_PROGRESS, ARTICLES_RATE, BOOKMARKS_OWN

router = api_router(tags=["Articles"])

ONE = "/v1/articles/{article_id}"


@router.put(f"{ONE}/progress")
@operation(permission=ARTICLES_PROGRESS, problems=[ILLEGAL_TRANSITION])
async def put_article_progress(article_id: UUID, body: ProgressPut, work: Write) -> ArticleMine:
    """Say how far you have read, first when you open it. It only grows; opened again within 8 hours it is one view."""
    return await reading.read_on(work, article_id, body.progress)


@router.put(f"{ONE}/rating")
@operation(permission=ARTICLES_RATE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def put_article_rating(article_id: UUID, body: RatingPut, work: Write) -> ArticleRatedPublic:
    """Rate an article, in the place of what you gave before. Its authors do not."""
    return await reading.rate(work, article_id, body.rating)


@router.put(f"{ONE}/bookmark")
@operation(permission=BOOKMARKS_OWN)
async def add_article_bookmark(article_id: UUID, work: Write) -> ArticleMine:
    """Bookmark an article. Again, it changes nothing; nobody else sees it."""
    return await reading.bookmark(work, article_id, kept=True)


@router.delete(f"{ONE}/bookmark")
@operation(permission=BOOKMARKS_OWN)
async def remove_article_bookmark(article_id: UUID, work: Write) -> ArticleMine:
    """Take a bookmark away. Again, it changes nothing."""
    return await reading.bookmark(work, article_id, kept=False)
