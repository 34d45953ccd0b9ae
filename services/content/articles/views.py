"""How articles become answers, for whoever reads them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.security.permissions import Permission, Reach
from chassis.web.schemas import MemberEmbed, Viewer
from chassis.web.work import Work
from services.content.articles.access import SeenArticle, is_among, works_on_all
from services.content.articles.conflicts import writer
from services.content.articles.copying import copied_from
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.reading import rating_of, to_reader, views_of
from services.content.articles.reviewing import wrote
from services.content.articles.schemas import (
    ArticleListed,
    ArticleMine,
    ArticlePublic,
    Origin,
    Returned,
    Verified,
    VersionListed,
    VersionPublic,
)
from services.content.articles.service import latest, refused_by
from services.content.attachments.showing import of_bodies
from services.content.discussions.access import moderates
from services.content.discussions.schemas import shown_status
from services.content.holding.queries import held_of
from services.content.mentions import ids_of, shown_today
from services.content.permissions import (
    ARTICLES_COPY,
    ARTICLES_FEATURE,
    ARTICLES_RATE,
    ARTICLES_REVIEW,
    ARTICLES_VERIFY,
    ARTICLES_WRITE,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    REACTIONS_ADD,
)

Members = Mapping[UUID, MemberEmbed]
ACTIONS: dict[str, Permission] = {
    **dict.fromkeys(["update", "submit", "archive"], ARTICLES_WRITE),
    **dict.fromkeys(["approve", "return"], ARTICLES_REVIEW),
    "rate": ARTICLES_RATE,
    **dict.fromkeys(["feature", "unfeature"], ARTICLES_FEATURE),
    "verify": ARTICLES_VERIFY,
    "copy": ARTICLES_COPY,
    "remove": CONTENT_REMOVE,
    "restore": CONTENT_RESTORE,
    "react": REACTIONS_ADD,
}
"""What the caller may be able to do, and by which permission."""
_NOT_OF_OWN = frozenset({"feature"})


async def listed(work: Work, rows: Sequence[Article], standing: Standing | None) -> list[ArticleListed]:
    """Articles as lists show them; without a standing they are the caller's own."""
    members = await embedded(work.session, {UUID(one) for row in rows for one in row.author_ids})
    mine = await to_reader(work, standing, rows)
    return [ArticleListed(**_fields(row, members, standing, work.now, mine.get(row.id))) for row in rows]


async def shown(work: Work, found: SeenArticle) -> ArticlePublic:
    """An article with its text and what the caller can do."""
    article = found.article
    text = await work.session.get_one(ArticleVersion, (article.id, article.number))
    under_way = text
    if article.working is not None and found.works and article.versions != article.number:
        under_way = await work.session.get_one(ArticleVersion, (article.id, latest(article)))
    named = {UUID(one) for one in article.author_ids} | _named([under_way]) | ids_of(text.mentions)
    others = (article.asked_by_id, article.answered_by_id, article.owner_id, article.verified_by)
    named |= {one for one in others if one is not None}
    members = await embedded(work.session, named)
    mine = await to_reader(work, found.standing, [article])
    told = await held_of(work.session, [article.id] if found.works or moderates(found.standing) else [])
    goes_on = article.working is not None and found.works
    files = await of_bodies(work, {article.id: text.body}, originals=article.download or found.works)
    return ArticlePublic(
        **_fields(article, members, found.standing, work.now, mine.get(article.id)),
        views=await views_of(work.session, article.id),
        owner=members[article.owner_id] if article.owner_id else None,
        verified=_verified(article, members),
        body=text.body,
        body_html=shown_today(text.body_html, text.mentions, members),
        mentions=[members[UUID(one)] for one in text.mentions],
        attachments=files.get(article.id, []),
        under_way=VersionListed(**_version(under_way, members, works=True)) if goes_on else None,
        origin=_origin(article, members),
        copied_from=await copied_from(work, article),
        held=told.get(article.id),
        viewer=viewer_of(found, under_way),
    )


def viewer_of(found: SeenArticle, version: ArticleVersion) -> Viewer:
    """What the caller can do with an article, by the same rules as the commands; `version` is the latest that they see."""
    answers = {action: _answer(found, action, wanted, version) for action, wanted in ACTIONS.items()}
    return Viewer.of(answers)


def _answer(found: SeenArticle, action: str, wanted: Permission, version: ArticleVersion) -> str | None:
    reach = wanted.reach(found.standing.columns)
    reacts = action in {"react", "rate"} and Reach.OWN in reach
    owns = Reach.ASSIGNED in reach and _owns(found)
    if not reacts and not owns and not found.may(wanted):
        return "forbidden"
    if found.standing.community.status == "archived":
        return "community_archived"
    code = refused_by(found, action)
    if code is None and action in {"approve", "return"} and wrote(found.standing, version):
        return "conflict_of_interest"
    if code is None and action in _NOT_OF_OWN and found.mine:
        return "conflict_of_interest"
    if code is None and action == "rate" and is_among(found.standing, found.article.author_ids):
        return "conflict_of_interest"
    return code


def _owns(found: SeenArticle) -> bool:
    owner_id = found.article.owner_id
    return owner_id is not None and owner_id == found.standing.member_id


async def versions_listed(work: Work, found: SeenArticle, rows: Sequence[ArticleVersion]) -> list[VersionListed]:
    """Versions as their list shows them."""
    members = await embedded(work.session, _named(rows))
    return [VersionListed(**_version(row, members, works=found.works)) for row in rows]


async def version_shown(work: Work, found: SeenArticle, row: ArticleVersion) -> VersionPublic:
    """A version with its text."""
    authors = [UUID(one) for one in row.author_ids]
    members = await embedded(work.session, {*authors, *_named([row]), *ids_of(row.mentions)})
    fields = _version(row, members, works=found.works) | {
        "body_html": shown_today(row.body_html, row.mentions, members),
        "mentions": [members[UUID(one)] for one in row.mentions],
    }
    originals = found.article.download or found.works
    files = await of_bodies(work, {found.article.id: row.body}, originals=originals)
    return VersionPublic(
        **fields, authors=[members[one] for one in authors], attachments=files.get(found.article.id, [])
    )


def _named(rows: Iterable[ArticleVersion]) -> set[UUID]:
    ids = (one for row in rows for one in (row.edited_by, row.submitted_by, row.returned_by, row.approved_by))
    return {one for one in ids if one is not None}


def _version(row: ArticleVersion, members: Members, *, works: bool) -> dict[str, Any]:
    returned = None
    if works and row.returned_by is not None and row.returned_at is not None and row.reason is not None:
        returned = Returned(by=members[row.returned_by], at=row.returned_at, reason=row.reason)
    return row.model_dump() | {
        "edited_by": writer(row, members),
        "submitted_by": members[row.submitted_by] if works and row.submitted_by else None,
        "submitted_at": row.submitted_at if works else None,
        "publish_at": row.publish_at if works else None,
        "returned": returned,
        "approved_by": members[row.approved_by] if works and row.approved_by else None,
    }


def _origin(article: Article, members: Members) -> Origin | None:
    if article.source_discussion_id is None:
        return None
    return Origin(
        discussion_id=article.source_discussion_id,
        asked_by=members[article.asked_by_id] if article.asked_by_id else None,
        answered_by=members[article.answered_by_id] if article.answered_by_id else None,
    )


def _verified(article: Article, members: Members) -> Verified | None:
    if article.verified_by is None:
        return None
    return Verified.model_validate(
        {"by": members[article.verified_by], "at": article.verified_at, "note": article.verified_note}
    )


def _fields(
    row: Article, members: Members, standing: Standing | None, now: datetime, mine: ArticleMine | None
) -> dict[str, Any]:
    works = standing is None or works_on_all(standing) or is_among(standing, row.worker_ids)
    return row.model_dump() | {
        "authors": [members[UUID(one)] for one in row.author_ids],
        "outside_authors": list(row.outside_authors.values()),
        "status": shown_status(row),
        "working": row.working if works else None,
        "verify_due": row.verified_until is not None and row.verified_until <= now,
        "rating": rating_of(row),
        "mine": mine,
    }
