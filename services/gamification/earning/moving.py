"""A community's day begins elsewhere: what its members did is of other days, so that what they earn by the day is folded again.

The new calendar holds at once, for what is done from then on. What was done is moved member by member, by a job where it is much: until it
comes to a member, their deeds count by the days that they had.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.context import moment_of
from chassis.jobs import JobRun, Jobs, start_job
from chassis.projections.history import calendars_of
from services.gamification.earning import store
from services.gamification.earning.occasions import DaysMoved, days_moved
from services.gamification.earning.rulebook import hold_rules, load_books, with_what_it_lacks
from services.gamification.earning.service import fold_again
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.wallets import lock_wallets

MOVE_DAYS = "earning.move_days"
AT_ONCE = 500
"""How many deeds, and how many members, a message may move itself."""
FIRST_CHUNK, MOST_MEMBERS = 8, 200
_NOBODY = UUID(int=0)
_EVER = datetime.min.replace(tzinfo=UTC)

jobs = Jobs()


async def move_days(session: AsyncSession, community_id: UUID, from_at: datetime) -> None:
    """Move what was done from a moment on to the days of the calendar as it is kept now: at once, or by a job."""
    now = moment_of(session)
    some = select(store.occurrences.c.source_id).where(
        store.occurrences.c.community_id == community_id, store.occurrences.c.occurred_at >= from_at
    )
    deeds = await session.execute(select(func.count()).select_from(some.limit(AT_ONCE + 1).subquery()))
    members = await _members(session, community_id, after=_NOBODY, limit=AT_ONCE + 1)
    if not members:
        return
    if deeds.scalar_one() <= AT_ONCE and len(members) <= AT_ONCE:
        await _move(session, community_id, from_at, members, now)
    else:
        count = select(func.count()).select_from(Wallet).where(col(Wallet.community_id) == community_id)
        params = {"community_id": str(community_id), "from_at": None if from_at == _EVER else from_at.isoformat()}
        total = (await session.execute(count)).scalar_one()
        await start_job(session, MOVE_DAYS, params, caller=None, now=now, community_id=community_id, total=total)


@jobs.kind(MOVE_DAYS)
async def move(job: JobRun) -> None:
    """Move the days of a community's members in the order of id, in chunks short enough for others to write meanwhile."""
    community_id, since = UUID(job.params["community_id"]), job.params["from_at"]
    from_at = datetime.fromisoformat(since) if since else _EVER
    await job.in_steps(
        lambda session, size: _chunk(session, job, community_id, from_at, size), first=FIRST_CHUNK, most=MOST_MEMBERS
    )


async def _chunk(session: AsyncSession, job: JobRun, community_id: UUID, from_at: datetime, size: int) -> bool:
    after = UUID(job.result.get("moved_to", str(_NOBODY)))
    members = await _members(session, community_id, after=after, limit=size)
    if not members:
        return False
    await _move(session, community_id, from_at, members, job.runtime.clock())
    job.result["moved_to"] = str(members[-1])
    job.advance(done=len(members))
    return True


async def _members(session: AsyncSession, community_id: UUID, *, after: UUID, limit: int) -> list[UUID]:
    """Everybody who ever did something has a wallet."""
    ids = select(col(Wallet.member_id)).where(col(Wallet.community_id) == community_id, col(Wallet.member_id) > after)
    return list((await session.execute(ids.order_by(col(Wallet.member_id)).limit(limit))).scalars())


async def _move(
    session: AsyncSession, community_id: UUID, from_at: datetime, members: Sequence[UUID], now: datetime
) -> None:
    await hold_rules(session, [community_id])
    await lock_wallets(session, dict.fromkeys(members, community_id))
    calendars = (await calendars_of(session, [community_id]))[community_id]
    table: Any = store.occurrences
    rows = await session.execute(
        select(table.c.source_id, table.c.member_id, table.c.beneficiary, table.c.occurred_at, table.c.day).where(
            among(session, table.c.member_id, members),
            table.c.community_id == community_id,
            table.c.occurred_at >= from_at,
        )
    )
    moved = [
        {"source": row.source_id, "member": row.member_id, "for": row.beneficiary, "new_day": day}
        for row in rows
        if (day := calendars.day_of(row.occurred_at)) != row.day
    ]
    if moved:
        await (await session.connection()).execute(
            update(table)
            .where(
                table.c.source_id == bindparam("source"),
                table.c.member_id == bindparam("member"),
                table.c.beneficiary == bindparam("for"),
            )
            .values(day=bindparam("new_day")),
            moved,
        )
    if from_at == _EVER:
        # Of a community that was not heard of before nothing was known: neither its days nor of which kind it is.
        book = with_what_it_lacks((await load_books(session, [community_id]))[community_id])
        await fold_again(session, dict.fromkeys(members, community_id), by={community_id: book})
    elif moved:
        await fold_again(session, dict.fromkeys(sorted({row["member"] for row in moved}), community_id))
    await days_moved.happened(session, DaysMoved(community_id, members, now))
