"""Reading penalties."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.penalties.models import Penalty, PenaltyRevision
from services.membership.penalties.rules import DECAY, Revision
from services.membership.roster.models import ShortMute
from services.membership.roster.rules import BETWEEN_SHORT_MUTES

_COUNTING: Prepared[Any] = Prepared(
    lambda on: select(
        col(Penalty.member_id),
        col(Penalty.id),
        col(Penalty.revision),
        col(Penalty.violation_points),
        col(Penalty.imposed_at),
        col(Penalty.sanction),
        col(Penalty.since),
        col(Penalty.until),
    ).where(
        on.among(col(Penalty.member_id), "ids"),
        or_(
            col(Penalty.imposed_at) > bindparam("decayed"),
            and_(
                col(Penalty.sanction).is_not(None),
                or_(col(Penalty.until).is_(None), col(Penalty.until) > bindparam("now")),
            ),
        ),
    )
)
_MUTES: Prepared[Any] = Prepared(
    select(ShortMute)
    .where(
        col(ShortMute.member_id) == bindparam("member_id"),
        col(ShortMute.penalty_id).is_(None),
        col(ShortMute.given_at) > bindparam("after"),
    )
    .order_by(col(ShortMute.given_at), col(ShortMute.id))
)
_EXPELLED_THEN: Prepared[Any] = Prepared(
    select(func.count())
    .select_from(PenaltyRevision)
    .join(Penalty, col(Penalty.id) == col(PenaltyRevision.penalty_id))
    .where(
        col(Penalty.member_id) == bindparam("member_id"),
        col(PenaltyRevision.sanction) == "expel",
        col(PenaltyRevision.since) == bindparam("at"),
    )
)


async def revisions_of(
    session: AsyncSession, member_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[Revision]]:
    """What stands of these members' penalties, by member: of those that count or sanction at a moment, or did lately."""
    found: dict[UUID, list[Revision]] = {member_id: [] for member_id in member_ids}
    for member_id, *revision in await _COUNTING.all(session, ids=list(member_ids), decayed=now - DECAY, now=now):
        found[member_id].append(Revision(*revision))
    return found


async def lately_muted(session: AsyncSession, member_id: UUID, now: datetime) -> Sequence[ShortMute]:
    """The short mutes of the last days that no penalty has taken over: seldom more than one."""
    return await _MUTES.load(session, member_id=member_id, after=now - BETWEEN_SHORT_MUTES)


async def was_expelled_at(session: AsyncSession, member_id: UUID, at: datetime) -> bool:
    """Whether a penalty ended the membership at that moment, and not somebody who left or removed them."""
    return bool(await _EXPELLED_THEN.one(session, member_id=member_id, at=at))


_AROUND: Prepared[Any] = Prepared(
    select(PenaltyRevision)
    .where(
        col(PenaltyRevision.penalty_id) == bindparam("penalty_id"),
        col(PenaltyRevision.revision) <= bindparam("revision"),
        or_(col(PenaltyRevision.revision) == bindparam("revision"), col(PenaltyRevision.cause) != "paused"),
    )
    .order_by(col(PenaltyRevision.revision).desc())
    .limit(2)
)


async def around(session: AsyncSession, penalty_id: UUID, revision: int) -> Sequence[PenaltyRevision]:
    """This later revision of a penalty, and what was decided before it: that it rests meanwhile is no decision."""
    return await _AROUND.load(session, penalty_id=penalty_id, revision=revision)


def listing(*, community_id: UUID, member_id: UUID | None, proposed: bool | None) -> Listing:
    """Penalties of a community, or of one member in it, the newest first."""
    only = [col(Penalty.community_id) == community_id]
    if member_id is not None:
        only.append(col(Penalty.member_id) == member_id)
    if proposed is not None:
        only.append(col(Penalty.proposed).is_not(None) if proposed else col(Penalty.proposed).is_(None))
    return Listing(select(Penalty).where(*only), [col(Penalty.imposed_at).desc(), col(Penalty.id).desc()])


_RECENT: Prepared[Any] = Prepared(
    select(Penalty)
    .where(
        col(Penalty.member_id) == bindparam("member_id"),
        col(Penalty.undone).is_(False),
        or_(
            col(Penalty.imposed_at) > bindparam("decayed"),
            # An expulsion, or a long sanction, outlasts the points.
            and_(
                col(Penalty.sanction).is_not(None),
                or_(col(Penalty.until).is_(None), col(Penalty.until) > bindparam("now")),
            ),
        ),
    )
    .order_by(col(Penalty.imposed_at).desc(), col(Penalty.id).desc())
    .limit(100)
)


async def recent(session: AsyncSession, member_id: UUID, now: datetime) -> Sequence[Penalty]:
    """The penalties of a member that stand, and have not decayed or sanction them still, the newest first: at most 100."""
    return await _RECENT.load(session, member_id=member_id, decayed=now - DECAY, now=now)


_BESIDE: Prepared[Any] = Prepared(
    select(Penalty)
    .where(
        col(Penalty.member_id) == bindparam("member_id"),
        col(Penalty.imposed_at) > bindparam("after"),
        col(Penalty.imposed_at) < bindparam("before"),
    )
    .order_by(col(Penalty.id))
    .with_for_update()
)
_OF_ONE: Prepared[Any] = Prepared(
    select(PenaltyRevision)
    .where(col(PenaltyRevision.penalty_id) == bindparam("penalty_id"))
    .order_by(col(PenaltyRevision.revision))
)


async def around_locked(session: AsyncSession, penalty: Penalty) -> Sequence[Penalty]:
    """The penalties of its member beside which its points counted, or theirs beside those, and itself; all locked, as the member is."""
    ends = {"after": penalty.imposed_at - DECAY, "before": penalty.imposed_at + DECAY}
    return await _BESIDE.load(session, again=True, member_id=penalty.member_id, **ends)


async def revisions_of_one(session: AsyncSession, penalty_id: UUID) -> Sequence[PenaltyRevision]:
    """Every revision of a penalty, the first one first: a handful."""
    return await _OF_ONE.load(session, penalty_id=penalty_id)


async def proposed_of(session: AsyncSession, member_id: UUID) -> Sequence[Penalty]:
    """The penalties of a locked member with a sanction that waits for the word of a second person, locked."""
    waiting = select(Penalty).where(col(Penalty.member_id) == member_id, col(Penalty.proposed).is_not(None))
    return (await session.execute(waiting.order_by(col(Penalty.id)).with_for_update())).scalars().all()


async def waiting_for_second(
    session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None
) -> Waiting:
    """The sanctions that wait for the word of a second person."""
    proposed = select(func.count(), func.min(col(Penalty.proposed_at))).where(
        col(Penalty.community_id) == community_id, col(Penalty.proposed).is_not(None)
    )
    count, oldest_at = (await session.execute(proposed)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/penalties?community_id={community_id}&proposed=true")
