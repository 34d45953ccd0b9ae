"""What becomes of a published article beside its text: it is found to hold, it is featured, and its owner has to look at it again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, INVALID, FieldError
from chassis.projections.members import own_standings
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.content import featuring
from services.content.articles.access import SeenArticle, seen_article
from services.content.articles.held import about
from services.content.articles.queries import stands_in_collection, to_verify_by
from services.content.articles.schemas import ArticleVerify
from services.content.articles.service import refuse
from services.content.groups import reader_among
from services.content.permissions import ARTICLES_FEATURE, ARTICLES_VERIFY

_VERIFY = {"en": "Verify that it still holds: {title}", "zh-CN": "核实内容是否仍然有效：{title}"}
_MOST_TASKS = 100
_PAST = FieldError("/verified_until", "past", "It must be in the future.", "须为将来的时间。")


async def verify(work: Work, key: UUID, body: ArticleVerify) -> SeenArticle:
    """Say that it still holds, and until when."""
    found = await seen_article(work, key, lock=True)
    article, by = found.article, found.standing.member_id
    reach = ARTICLES_VERIFY.reach(found.standing.columns)
    owns = by is not None and by == article.owner_id
    if by is None or not (Reach.ALL in reach or (Reach.ASSIGNED in reach and owns)):
        raise FORBIDDEN()
    refuse(found, "verify")
    if body.verified_until <= work.now:
        raise INVALID(errors=[_PAST])
    changes: dict[str, list[Any]] = {
        "verified_until": [article.verified_until, body.verified_until],
        "note": [None, body.note],
    }
    article.sqlmodel_update(
        {"verified_until": body.verified_until, "verified_by": by, "verified_at": work.now, "verified_note": body.note}
    )
    article.version += 1
    await audit(work.session, work.caller, article, "verify", changes, work.now)
    return found


async def feature(work: Work, key: UUID, *, featured: bool) -> SeenArticle:
    """Put it among the best of the community, or no longer. Raises `CONFLICT_OF_INTEREST` for its authors."""
    found = await seen_article(work, key, lock=True, of=ARTICLES_FEATURE)
    refuse(found, "feature" if featured else "unfeature")
    if featured and found.mine:
        raise CONFLICT_OF_INTEREST()
    await featuring.change(work, found.article, about(found.article), found.standing, featured=featured)
    return found


async def holds_articles(session: AsyncSession, collection_id: UUID) -> bool:
    """Whether an article stands in a collection."""
    return await stands_in_collection(session, collection_id)


async def to_verify(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The articles that the caller keeps true and that are past their day. Raises `SESSION_REVOKED`."""
    mine = await own_standings(session, reader.caller, reading_at=reader.now)
    due = await to_verify_by(session, reader_among(mine), reader.now, _MOST_TASKS)
    return [
        Task(
            code="verify_article",
            title=_VERIFY[reader.locale].format(title=article.title),
            due_at=article.verified_until,
            community=TaskCommunity(id=article.community_id, name=name),
            href=f"/v1/articles/{article.id}",
            object=ObjectRef(kind="article", id=article.id),
        )
        for article, name in due
    ]
