"""HTTP of what is said about an article beside its text."""

from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from services.content.articles import copying, keeping
from services.content.articles.routes import answer
from services.content.articles.schemas import ArticleCopy, ArticlePublic, ArticleVerify
from services.content.collections.problems import UNKNOWN_COLLECTION
from services.content.permissions import ARTICLES_COPY, ARTICLES_FEATURE, ARTICLES_VERIFY

router = api_router(tags=["Articles"])

ONE = "/v1/articles/{article_id}"


@router.post(f"{ONE}/feature")
@operation(permission=ARTICLES_FEATURE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def feature_article(article_id: UUID, work: Write, response: Response) -> ArticlePublic:
    """Put an article among the best of its community; its authors do not."""
    return await answer(work, await keeping.feature(work, article_id, featured=True), response)


@router.post(f"{ONE}/unfeature")
@operation(permission=ARTICLES_FEATURE, problems=[ILLEGAL_TRANSITION])
async def unfeature_article(article_id: UUID, work: Write, response: Response) -> ArticlePublic:
    """Take an article from among the best; what that earned is taken back."""
    return await answer(work, await keeping.feature(work, article_id, featured=False), response)


@router.post(f"{ONE}/copies", status_code=201)
@operation(permission=ARTICLES_COPY, problems=[ILLEGAL_TRANSITION, UNKNOWN_COLLECTION])
async def copy_article(article_id: UUID, body: ArticleCopy, work: Write, response: Response) -> ArticlePublic:
    """Draft what an article says in another community, where the caller may copy too; the copy names where it is from."""
    found = await copying.copy(work, article_id, body)
    created(response, f"/v1/articles/{found.article.id}")
    return await answer(work, found, response)


@router.post(f"{ONE}/verify")
@operation(permission=ARTICLES_VERIFY, problems=[ILLEGAL_TRANSITION])
async def verify_article(article_id: UUID, body: ArticleVerify, work: Write, response: Response) -> ArticlePublic:
    """Say that an article still holds, and until when: its owner, operators and owners of the community do."""
    return await answer(work, await keeping.verify(work, article_id, body), response)
