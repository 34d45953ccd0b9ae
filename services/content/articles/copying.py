"""An article of one community as a draft of another, which names where it is from."""

from collections.abc import Sequence
from uuid import UUID

from chassis.audit import audit
from chassis.projections.communities import communities_embedded
from chassis.projections.members import embedded
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.content.articles.access import SeenArticle, seen_article
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.rules import narrower
from services.content.articles.schemas import ArticleCopy, ArticleCreate, CopiedFrom
from services.content.articles.service import draft, refuse
from services.content.permissions import ARTICLES_COPY


async def copy(work: Work, key: UUID, body: ArticleCopy) -> SeenArticle:
    """Draft what readers see of it in a community, in which the caller has to be allowed to as well."""
    found = await seen_article(work, key, of=ARTICLES_COPY)
    refuse(found, "copy")
    there = await authorize(work.session, work.caller, ARTICLES_COPY, body.community_id, now=work.now)
    article = found.article
    text = await work.session.get_one(ArticleVersion, (article.id, article.number))
    said = {name: getattr(text, name) for name in ("title", "summary", "body", "tags", "source")}
    where = {"community_id": body.community_id, "collection_id": body.collection_id, "kind": article.kind}
    # Shown to no more than it is here, unless somebody who edits the copy says so.
    visibility = narrower(article.visibility, there.community.visibility)
    made = await draft(
        work, ArticleCreate.model_validate({**where, **said, "visibility": visibility, "download": article.download})
    )
    made.article.copied_from_id = article.id
    changes = {"copied_from_id": [None, str(article.id)]}
    await audit(work.session, work.caller, made.article, "copy", changes, work.now)
    return made


async def copied_from(work: Work, article: Article) -> CopiedFrom | None:
    """Where a copy is from, and who wrote what it was copied from."""
    if article.copied_from_id is None:
        return None
    source = await work.session.get_one(Article, article.copied_from_id)
    communities = await communities_embedded(work.session, [source.community_id])
    author_ids: Sequence[UUID] = [UUID(one) for one in source.author_ids]
    members = await embedded(work.session, author_ids)
    return CopiedFrom(
        article_id=source.id,
        community=communities[source.community_id],
        authors=[members[one] for one in author_ids],
    )
