"""A discussion and what the caller is to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.rows import existing
from chassis.database.statements import Prepared, Spelling
from chassis.ids import is_mask
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Column, Permission, Reach
from chassis.web.work import Work
from services.content.discussions.models import Discussion
from services.content.discussions.rules import Cause
from services.content.groups import oversees, require_seen
from services.content.permissions import ANNOUNCEMENTS_CREATE
from services.content.removal import is_removed
from services.content.unnamed.masks import masked

_NO_ROLE: frozenset[Column] = frozenset({"S", "X", "U", "M"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A discussion that the caller may see, and what they are in its community."""

    discussion: Discussion
    standing: Standing
    """In their own unnamed question they are their mask."""
    unmasked: Standing
    """What they are elsewhere."""
    dissolved: bool = False
    """Whether it stands in a group that is no more."""

    @property
    def is_unnamed(self) -> bool:
        """Whether the caller asked it without a name."""
        return self.standing is not self.unmasked

    @property
    def readers(self) -> set[UUID]:
        """Who looks at it: a member, and the mask that they wear in it."""
        return {one.member_id for one in (self.unmasked, self.standing) if one.member_id is not None}

    @property
    def mine(self) -> bool:
        """Whether the caller started it."""
        return is_by(self.standing, self.discussion.author_id)

    @property
    def writes_kind(self) -> bool:
        """Whether the caller may write discussions of this kind, wherever they may write any."""
        return self.discussion.kind != "announcement" or bool(ANNOUNCEMENTS_CREATE.reach(self.standing.columns))

    @property
    def as_(self) -> Cause:
        """As what the caller removes and restores it."""
        return "author" if self.mine else "moderator"

    def may(self, wanted: Permission, author_id: UUID) -> bool:
        """Whether a permission reaches what this member made. Who asks without a name moderates nothing there: that is in the trail with a name."""
        reach = wanted.reach(self.standing.columns & _NO_ROLE if self.is_unnamed else self.standing.columns)
        return Reach.ALL in reach or (Reach.OWN in reach and is_by(self.standing, author_id))

    def reads_held(self, author_id: UUID) -> bool:
        """Whether the caller is told what a moderator does with what this member wrote."""
        return is_by(self.standing, author_id) or moderates(self.standing)


def is_by(standing: Standing, author_id: UUID) -> bool:
    """Whether the caller is this member."""
    return standing.member_id is not None and standing.member_id == author_id


def moderates(standing: Standing) -> bool:
    """Whether the caller sees what was removed, whoever made it."""
    return oversees(standing.columns)


async def seen(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> Seen:
    """The discussion, if the operation's permission reaches it: one that was removed only its author and moderators know of, one of a group who sees that.

    `of`: the operation is about what the discussion's author made, and this is its permission. Raises `NOT_FOUND`, `FORBIDDEN`, and what
    `authorize` raises.
    """
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    discussion = await existing(work.session, Discussion, key, lock=lock)
    standing = await authorize(
        work.session, work.caller, work.permission, discussion.community_id, own=True, now=work.now
    )
    dissolved = await require_seen(work.session, standing, discussion)
    found = await as_seen(work.session, discussion, standing, dissolved=dissolved)
    if discussion.removed_at is not None and not (found.mine or moderates(standing)):
        # Who has the address of what was merged is shown where it went, if they may see that.
        end = (await ends_of(work.session, [discussion])).get(discussion.id)
        if is_removed(discussion.causes) or end is None or end.removed_at is not None:
            raise NOT_FOUND()
    if of is not None and not found.may(of, discussion.author_id):
        raise FORBIDDEN()
    return found


async def as_seen(
    session: AsyncSession, discussion: Discussion, standing: Standing, *, dissolved: bool = False
) -> Seen:
    """A discussion with what the caller is in it."""
    here = standing
    if is_mask(discussion.author_id):
        here = await masked(session, standing, discussion.author_id)
    return Seen(discussion, here, standing, dissolved)


def _ends(on: Spelling) -> Any:
    start: Any = select(
        col(Discussion.id).label("start"), col(Discussion.id).label("id"), col(Discussion.merged_into_id).label("next")
    )
    way = start.where(on.among(col(Discussion.id), "ids")).cte("way", recursive=True)
    later = aliased(Discussion)
    further = select(way.c.start, col(later.id), col(later.merged_into_id)).where(col(later.id) == way.c.next)
    way = way.union_all(further)
    return select(way.c.start, way.c.id).where(way.c.next.is_(None))


_ENDS: Prepared[Any] = Prepared(_ends)


async def ends_of(session: AsyncSession, rows: Iterable[Discussion]) -> Mapping[UUID, Discussion]:
    """Where merged ones among these are found in the end, by their ids; two statements, however long the chains are."""
    merged = {row.id: row.merged_into_id for row in rows if row.merged_into_id is not None}
    if not merged:
        return {}
    ends = {row.start: row.id for row in await _ENDS.all(session, ids=list(set(merged.values())))}
    found = select(Discussion).where(among(session, col(Discussion.id), set(ends.values())))
    known = {row.id: row for row in (await session.execute(found)).scalars()}
    return {key: known[ends[into]] for key, into in merged.items()}
