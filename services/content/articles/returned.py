"""The articles that a reviewer returned: they wait for their authors."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.content.articles.models import Article, ArticleAuthor, ArticleVersion
from services.content.base import known
from services.content.groups import may_see

_MEND = {"en": "Mend an article that was returned: {title}", "zh-CN": "修改被退回的文章：{title}"}
_MOST = 100

_members, _communities = known.members.c, known.communities.c


def own_drafts(
    title: SQLColumnExpression[Any], *, since: SQLColumnExpression[Any], only: Sequence[ColumnElement[bool]]
) -> Prepared[Any]:
    """The articles that their author, somebody by `person_id`, works on and of which this holds: id, title and community, the longest first."""
    return Prepared(
        select(
            col(Article.id),
            title,
            _communities.id.label("community_id"),
            _communities.name.label("community_name"),
        )
        .select_from(known.members)
        .join(ArticleAuthor, col(ArticleAuthor.member_id) == _members.id)
        .join(Article, col(Article.id) == col(ArticleAuthor.article_id))
        .join(
            ArticleVersion,
            and_(
                col(ArticleVersion.article_id) == col(Article.id), col(ArticleVersion.number) == col(Article.versions)
            ),
        )
        .join(known.communities, _communities.id == col(Article.community_id))
        .where(
            _members.person_id == bindparam("person_id"),
            _members.status.not_in(sorted(LEFT_STATUSES)),
            _communities.status != "archived",
            col(Article.working) == "draft",
            col(Article.removed_at).is_(None),
            may_see(col(Article.group_id), _members),
            *only,
        )
        .order_by(since, col(Article.id))
        .limit(_MOST)
    )


_RETURNED = own_drafts(
    col(ArticleVersion.title),
    since=col(ArticleVersion.returned_at),
    only=[col(ArticleVersion.returned_at).is_not(None)],
)


async def to_mend(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The caller's articles that were returned, the longest first, until they are submitted again, archived or removed."""
    rows = await _RETURNED.all(session, person_id=reader.caller.id)
    return [task_about(row, reader, "mend_article", _MEND, "article", "/v1/articles") for row in rows]
