"""An article and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.content.articles.models import Article
from services.content.articles.rules import Visibility
from services.content.base import known
from services.content.discussions.access import moderates
from services.content.discussions.rules import Cause
from services.content.groups import require_seen
from services.content.permissions import ARTICLES_WRITE

EVERYBODY: frozenset[Visibility] = frozenset({"public", "internal", "private"})


@dataclass(frozen=True, slots=True)
class SeenArticle:
    """An article that the caller may see, and what they are in its community."""

    article: Article
    standing: Standing
    dissolved: bool = False
    """Whether it stands in a group that is no more."""

    @property
    def mine(self) -> bool:
        """Whether the caller wrote it or is writing it."""
        return is_among(self.standing, self.article.worker_ids)

    @property
    def works(self) -> bool:
        """Whether the caller sees what is not published yet."""
        return self.mine or works_on_all(self.standing)

    @property
    def as_(self) -> Cause:
        """As what the caller removes and restores it."""
        return "author" if self.mine else "moderator"

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.standing.columns)
        return Reach.ALL in reach or (Reach.OWN in reach and self.mine)


def is_among(standing: Standing, member_ids: list[str]) -> bool:
    """Whether the caller is one of these members, and has not left."""
    return "S" not in standing.columns and str(standing.member_id) in member_ids


def works_on_all(standing: Standing) -> bool:
    """Whether the caller sees every draft and decides about it."""
    return Reach.ALL in ARTICLES_WRITE.reach(standing.columns)


async def visible_to(session: AsyncSession, caller: Caller | None, standing: Standing) -> frozenset[Visibility]:
    """What the caller reads: members and programs all, guests nothing, others what is shown beyond the community."""
    if "G" in standing.columns:
        return frozenset()
    if not standing.columns & {"N", "S"}:
        return EVERYBODY
    if caller is None:
        return frozenset({"public"})
    kind = select(known.people.c.kind).where(known.people.c.id == caller.id)
    employee = (await session.execute(kind)).scalar_one_or_none() == "employee"
    return EVERYBODY - ({"private"} if employee else {"private", "internal"})


async def reads_of(work: Work, found: SeenArticle) -> frozenset[Visibility]:
    """What the caller reads of an article: whose it is all, whomever a version is shown to."""
    return EVERYBODY if found.mine else await visible_to(work.session, work.caller, found.standing)


async def seen_article(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> SeenArticle:
    """The article, if the operation's permission reaches it.

    What stands in a group is there for who sees that. What is not published its authors know of, and who decides about it, moderators of what is held; what was removed its authors and moderators.

    `of`: the operation does something to it, and this is its permission. Raises `NOT_FOUND`, `FORBIDDEN`, and what `authorize` raises.
    """
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    article = await existing(work.session, Article, key, lock=lock)
    community_id = article.community_id
    standing = await authorize(
        work.session, work.caller, work.permission, community_id, own=True, assigned=True, now=work.now
    )
    dissolved = await require_seen(work.session, standing, article)
    found = SeenArticle(article, standing, dissolved)
    if article.published_at is None and not found.works and not (article.working == "held" and moderates(standing)):
        raise NOT_FOUND()
    if article.removed_at is not None and not (found.mine or moderates(standing)):
        raise NOT_FOUND()
    if article.visibility not in await reads_of(work, found):
        raise NOT_FOUND()
    if of is not None and not found.may(of):
        raise FORBIDDEN()
    return found
