"""An article of one community as a draft of another, which names where it is from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from chassis.audit import audit
from chassis.database.statements import Prepared, bindparam
from chassis.problems import INVALID
from chassis.projections.communities import communities_embedded
from chassis.projections.members import LEFT_STATUSES, embedded
from chassis.security.authority import authorize
from chassis.web.work import Work
from services.content.articles.access import SeenArticle, seen_article
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.problems import ITS_OWN_COMMUNITY
from services.content.articles.rules import narrower
from services.content.articles.schemas import ArticleCopy, ArticleCreate, CopiedFrom
from services.content.articles.service import draft, refuse
from services.content.base import known
from services.content.permissions import ARTICLES_COPY


async def copy(work: Work, key: UUID, body: ArticleCopy) -> SeenArticle:
    """Draft what readers see of it in another community, in which the caller has to be allowed to as well. Raises `INVALID` for its own."""
    found = await seen_article(work, key, of=ARTICLES_COPY)
    refuse(found, "copy")
    if body.community_id == found.article.community_id:
        raise INVALID(errors=[ITS_OWN_COMMUNITY])
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


_members, _communities, _people = known.members.c, known.communities.c, known.people.c
_STANDING: Prepared[Any] = Prepared(
    select(_communities.visibility, _communities.status, _members.id.label("member_id"), _people.kind.label("kind"))
    .select_from(known.communities)
    .outerjoin(
        known.members,
        and_(
            _members.community_id == _communities.id,
            _members.person_id == bindparam("person_id"),
            _members.status.not_in(sorted(LEFT_STATUSES)),
        ),
    )
    .outerjoin(known.people, _people.id == bindparam("person_id"))
    .where(_communities.id == bindparam("community_id"))
)


async def _knows(work: Work, source: Article) -> bool:
    """Whether the caller may know of what an article was copied from: of what they could read there.

    By what this service knows of its community: nobody waits for membership to learn where a copy is from.
    """
    if source.removed_at is not None or source.published_at is None or source.group_id is not None:
        return False
    caller = work.caller
    if caller is not None and caller.kind == "service":
        return caller.community_ids is None or source.community_id in caller.community_ids
    person_id = caller.id if caller is not None else None
    row = await _STANDING.first(work.session, person_id=person_id, community_id=source.community_id)
    if row is None or row.member_id is not None:
        return row is not None
    if row.status == "draft":
        return False
    shown = narrower(source.visibility, row.visibility)
    return shown == "public" or (shown == "internal" and row.kind == "employee")


async def copied_from(work: Work, article: Article) -> CopiedFrom | None:
    """Where a copy is from, and who wrote what it was copied from; nothing to who may not know of that."""
    if article.copied_from_id is None:
        return None
    source = await work.session.get_one(Article, article.copied_from_id)
    if not await _knows(work, source):
        return None
    communities = await communities_embedded(work.session, [source.community_id])
    author_ids: Sequence[UUID] = [UUID(one) for one in source.author_ids]
    members = await embedded(work.session, author_ids)
    return CopiedFrom(
        article_id=source.id,
        community=communities[source.community_id],
        authors=[members[one] for one in author_ids],
    )
