"""Reading goals: lists, what stands above and below one, what its parts come to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam, insert_or_ignore
from chassis.projections.members import LEFT_STATUSES
from services.analytics.base import known
from services.analytics.goals.models import Goal, GoalBook
from services.analytics.goals.rules import MOST_LEVELS


@dataclass(frozen=True, slots=True)
class Own:
    """A person's memberships, and the communities that these are in."""

    member_ids: Collection[UUID]
    community_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; what is None narrows nothing."""

    community_id: UUID | None = None
    own: Own | None = None
    parent_id: UUID | None = None
    horizon: str | None = None
    state: str | None = None
    owner_left: bool = False


def _runs_and_owner_left() -> ColumnElement[bool]:
    owner = known.members.c
    left = exists().where(owner.id == col(Goal.owner_id), owner.status.in_(sorted(LEFT_STATUSES)))
    return and_(col(Goal.status) == "running", left)


def listing(session: AsyncSession, wanted: Wanted) -> Listing:
    """Goals, the first due first."""
    found = []
    if wanted.community_id is not None:
        found.append(col(Goal.community_id) == wanted.community_id)
    if wanted.own is not None:
        # What one owns is in one of one's communities, too.
        found.append(among(session, col(Goal.community_id), wanted.own.community_ids))
        found.append(or_(col(Goal.ask_verb).is_not(None), among(session, col(Goal.owner_id), wanted.own.member_ids)))
    for column, value in (
        (Goal.parent_id, wanted.parent_id),
        (Goal.horizon, wanted.horizon),
        (Goal.state, wanted.state),
    ):
        if value is not None:
            found.append(col(column) == value)
    if wanted.owner_left:
        found.append(_runs_and_owner_left())
    return Listing(select(Goal).where(*found), [col(Goal.due_on).asc(), col(Goal.id).asc()])


async def hold(session: AsyncSession, community_id: UUID) -> None:
    """Keep everybody else from changing a community's goals until the transaction ends."""
    await session.execute(insert_or_ignore(session, GoalBook).values(community_id=community_id))
    await existing(session, GoalBook, community_id, lock=True)


def _above() -> Select[Any]:
    way = select(col(Goal.id), col(Goal.parent_id)).where(col(Goal.id) == bindparam("first")).cte("way", recursive=True)
    # Each row is there once, so that whatever stands in a circle ends it.
    both = way.union(select(col(Goal.id), col(Goal.parent_id)).where(col(Goal.id) == way.c.parent_id))
    return select(both.c.id)


def _below() -> Select[Any]:
    top: Any = select(col(Goal.id), bindparam("one", 1).label("level")).where(col(Goal.id) == bindparam("top"))
    here = top.cte("here", recursive=True)
    under = select(col(Goal.id), here.c.level + 1).where(
        col(Goal.parent_id) == here.c.id, here.c.level <= MOST_LEVELS, col(Goal.status) != "withdrawn"
    )
    both = here.union_all(under)
    return select(func.max(both.c.level))


_ABOVE: Prepared[UUID] = Prepared(_above())
_BELOW: Prepared[int] = Prepared(_below())
_RUNNING: Prepared[int] = Prepared(
    select(func.count()).where(col(Goal.community_id) == bindparam("community_id"), col(Goal.status) == "running")
)
_PARTS: Prepared[Any] = Prepared(
    select(col(Goal.weight), col(Goal.progress), col(Goal.status), col(Goal.due_on), col(Goal.as_of)).where(
        col(Goal.parent_id) == bindparam("parent_id"), col(Goal.status) != "withdrawn"
    )
)
_SHOWN = 5
_FIRST: Prepared[Any] = Prepared(
    select(Goal)
    .where(col(Goal.community_id) == bindparam("community_id"), col(Goal.status) == "running")
    .order_by(col(Goal.due_on), col(Goal.id))
    .limit(_SHOWN)
)
_BEHIND: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Goal.measured_at))).where(
        col(Goal.community_id) == bindparam("community_id"),
        col(Goal.status) == "running",
        or_(col(Goal.state) == "behind", col(Goal.state) == "missed"),
    )
)
_LEFT_ALONE: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Goal.created_at))).where(
        col(Goal.community_id) == bindparam("community_id"), _runs_and_owner_left()
    )
)


async def above(session: AsyncSession, first: UUID) -> Sequence[UUID]:
    """This goal and all that it is a part of."""
    return await _ABOVE.all(session, first=first)


async def levels_from(session: AsyncSession, top: UUID) -> int:
    """How many goals stand below one another from this one on, itself included."""
    return int(await _BELOW.one(session, top=top))


async def running_in(session: AsyncSession, community_id: UUID) -> int:
    """How many goals of a community run."""
    return int(await _RUNNING.one(session, community_id=community_id))


async def parts_of(session: AsyncSession, goal_id: UUID) -> Sequence[Any]:
    """What a goal is made of: weight, progress, status, last day and freshness of each part that was not withdrawn."""
    return await _PARTS.all(session, parent_id=goal_id)


async def due_first(session: AsyncSession, community_id: UUID) -> Sequence[Goal]:
    """The running goals of a community that are due first: five at most."""
    return await _FIRST.all(session, community_id=community_id)


async def behind(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The goals that will not be reached at the pace so far."""
    count, oldest_at = await _BEHIND.one(session, community_id=community_id)
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/goals?community_id={community_id}&state=behind")


async def left_alone(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The goals that run, and whose owner left: somebody else has to see to them."""
    count, oldest_at = await _LEFT_ALONE.one(session, community_id=community_id)
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/goals?community_id={community_id}&owner_left=true")
