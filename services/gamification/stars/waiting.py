"""What waits for whom: members are asked to name somebody and to vote, owners to confirm."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity, Waiting
from chassis.database.statements import Prepared, bindparam
from chassis.days import day_began_at, local_day
from chassis.projections.communities import known_community
from services.gamification.base import known
from services.gamification.stars.models import Star, StarCandidate, StarNomination, StarVoter
from services.gamification.stars.queries import ALL, eligible
from services.gamification.stars.rules import FEWEST_BALLOTS, is_asked_to_name
from services.gamification.stars.service import phase_on

_ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "nominate_star": {"en": "Name the star of {month}", "zh-CN": "提名 {month} 月度之星"},
    "vote_for_star": {"en": "Vote for the star of {month}", "zh-CN": "为 {month} 月度之星投票"},
    "confirm_star": {"en": "Confirm the star of {month}", "zh-CN": "确认 {month} 月度之星"},
}
_communities, _members = known.communities.c, known.members.c


def _has(model: Any, member: Any) -> Any:
    return exists().where(col(model.star_id) == col(Star.id), member == _members.id).correlate(Star, known.members)


_OPEN: Prepared[Any] = Prepared(
    select(
        Star,
        _members.id,
        _members.roles,
        _communities.name,
        _communities.time_zone,
        _communities.day_starts_at,
        _has(StarNomination, col(StarNomination.nominator_id)).label("named"),
        _has(StarVoter, col(StarVoter.member_id)).label("voted"),
        _has(StarCandidate, col(StarCandidate.member_id)).label("candidate"),
    )
    .select_from(Star)
    .join(known.communities, _communities.id == col(Star.community_id))
    .join(known.members, _members.community_id == col(Star.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status == "active",
        _communities.status != "archived",
        col(Star.decided_at).is_(None),
        or_(
            col(Star.settled_at).is_(None),
            and_(col(Star.ballots) >= FEWEST_BALLOTS, cast(_members.roles, String).like('%"owner"%')),
        ),
    )
    # The latest first: months that nobody ever confirms keep no later one away.
    .order_by(col(Star.month).desc(), col(Star.id))
    .limit(100)
)
_TO_CONFIRM: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Star.votes_until))).where(
        col(Star.community_id) == bindparam("community_id"),
        col(Star.decided_at).is_(None),
        col(Star.ballots) >= FEWEST_BALLOTS,
        or_(col(Star.settled_at).is_not(None), col(Star.votes_until) < bindparam("today")),
    )
)


async def own_stars(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The stars for which the caller can name somebody in the month's last days, vote, or, as an owner, confirm who it is, unless it may be them."""
    found = []
    for row in await _OPEN.all(session, person_id=reader.caller.id):
        task = _task(row, reader)
        if task is None or (task.code == "confirm_star" and await _concerns(session, row, reader)):
            continue
        found.append(task)
    return found


async def _concerns(session: AsyncSession, row: Any, reader: Reader) -> bool:
    """Whether it may be the reader. It is looked up only of those who were named: hardly an owner is, and months may be many."""
    return row.candidate and bool(await eligible(session, row.Star, [row.id], reader.now))


def _task(row: Any, reader: Reader) -> Task | None:
    star: Star = row.Star
    zone = {"time_zone": row.time_zone, "day_starts_at": row.day_starts_at}
    code, due_on = None, None
    today = local_day(reader.now, **zone)
    match phase_on(star, today):
        case "naming" if not row.named and is_asked_to_name(today, star.votes_from):
            code, due_on = "nominate_star", star.votes_from
        case "voting" if not row.voted:
            code, due_on = "vote_for_star", star.votes_until + timedelta(days=1)
        case "counted" if "owner" in row.roles:
            code = "confirm_star"
    if code is None:
        return None
    return Task(
        code=code,
        title=_ASKED[code][reader.locale].format(month=f"{star.month:%Y-%m}"),
        due_at=None if due_on is None else day_began_at(due_on, **zone),
        community=TaskCommunity(id=star.community_id, name=row.name),
        href=f"{ALL}/{star.id}",
        object=ObjectRef(kind="star", id=star.id),
    )


async def to_confirm(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The stars that wait for an owner's word."""
    href = f"{ALL}?community_id={community_id}"
    community = await known_community(session, community_id)
    if community is None:
        return Waiting(count=0, oldest_at=None, href=href)
    today = community.day_of(now)
    count, oldest = await _TO_CONFIRM.one(session, community_id=community_id, today=today)
    oldest_at = None if oldest is None else community.ended(oldest)
    return Waiting(count=count, oldest_at=oldest_at, href=href)
