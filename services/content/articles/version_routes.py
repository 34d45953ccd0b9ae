"""HTTP of the versions of an article."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.web.dependencies import Read
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.values import Version
from chassis.web.work import Work
from services.content.articles import queries
from services.content.articles.access import SeenArticle, reads_of, seen_article
from services.content.articles.diffing import diff
from services.content.articles.models import ArticleVersion
from services.content.articles.schemas import DiffLine, DiffPublic, VersionListed, VersionPublic
from services.content.articles.service import SHOWN
from services.content.articles.views import version_shown, versions_listed
from services.content.permissions import ARTICLES_READ

router = api_router(tags=["Articles"])

ALL = "/v1/articles/{article_id}/versions"


@router.get(ALL)
@operation(permission=ARTICLES_READ)
async def list_article_versions(article_id: UUID, work: Read, page: PageQuery) -> Page[VersionListed]:
    """List the versions of an article, the latest first: those that were published to the caller, and to who works on it all."""
    found = await seen_article(work, article_id)
    return await paginate_together(
        work.session,
        queries.versions(article_id, works=found.works, visible=await reads_of(work, found)),
        page=page,
        to=lambda rows: versions_listed(work, found, rows),
    )


@router.get(f"{ALL}/{{number}}")
@operation(permission=ARTICLES_READ)
async def read_article_version(article_id: UUID, number: Annotated[Version, Path()], work: Read) -> VersionPublic:
    """Read what an article says in one version."""
    found = await seen_article(work, article_id)
    return await version_shown(work, found, await _version(work, found, number))


@router.get("/v1/articles/{article_id}/diff")
@operation(permission=ARTICLES_READ)
async def read_article_diff(
    article_id: UUID,
    work: Read,
    before: Annotated[Version, Query(description="The number of a version.")],
    after: Annotated[Version, Query(description="The number of another.")],
) -> DiffPublic:
    """Read what differs between two versions of an article, line by line."""
    found = await seen_article(work, article_id)
    one, other = await _version(work, found, before), await _version(work, found, after)
    lines = diff(one.body.splitlines(), other.body.splitlines())
    return DiffPublic(
        before=before,
        after=after,
        fields=[name for name in SHOWN if name != "excerpt" and getattr(one, name) != getattr(other, name)],
        lines=[DiffLine(op=op, text=text) for op, text in lines],
    )


async def _version(work: Work, found: SeenArticle, number: int) -> ArticleVersion:
    version = await existing(work.session, ArticleVersion, (found.article.id, number))
    if version.state != "published" and not found.works:
        raise NOT_FOUND()
    # What is shown to more readers than before was perhaps mended for them.
    if version.visibility not in await reads_of(work, found):
        raise NOT_FOUND()
    return version
