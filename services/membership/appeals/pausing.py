"""What nobody decides in time: the sanction rests until somebody does."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.timers import Late, Timer, Timers, schedule
from services.membership.appeals.models import Appeal
from services.membership.penalties.models import Penalty
from services.membership.penalties.occasions import PenaltyFollowed
from services.membership.penalties.rules import LENGTHS
from services.membership.penalties.service import Locked, Terms, lock_penalty, revise, terms_of

UNDECIDED = "appeal.undecided"

timers = Timers()


@timers.on(UNDECIDED, late=Late.ENDING)
async def pause(session: AsyncSession, timer: Timer) -> None:
    """Let a sanction rest that lasts still, as of when the appeal should have been decided."""
    noted = await session.get(Appeal, timer.subject_id)
    if noted is None or noted.object_kind != "penalty":
        # A short mute is over by then.
        return
    locked = await lock_penalty(session, noted.object_id)
    appeal = await session.get(Appeal, timer.subject_id, with_for_update=True, populate_existing=True)
    if appeal is None or appeal.status != "open" or appeal.paused_at is not None:
        return
    at, penalty = timer.at, locked.penalty
    if penalty.sanction is None or (penalty.until is not None and penalty.until <= at):
        return
    appeal.paused_at = at
    appeal.paused_seconds = None if penalty.until is None else int((penalty.until - at).total_seconds())
    appeal.version += 1
    await revise(session, locked, terms_of(penalty, until=at), cause="paused", now=at)
    await audit(session, None, appeal, "pause", {"until": [penalty.sanction, at]}, at)


async def rest_at_once(session: AsyncSession, followed: PenaltyFollowed) -> None:
    """Let a sanction rest that begins while the appeal should have been decided already: what went before was over then, and did not rest."""
    penalty = followed.penalty
    if penalty.sanction is None or penalty.since != followed.at:
        return
    late = select(col(Appeal.id)).where(
        col(Appeal.object_kind) == "penalty",
        col(Appeal.object_id) == penalty.id,
        col(Appeal.status) == "open",
        col(Appeal.paused_at).is_(None),
        col(Appeal.due_at) <= followed.at,
    )
    for appeal_id in (await session.execute(late)).scalars().all():
        await schedule(session, UNDECIDED, appeal_id, followed.at)


def unpaused(appeal: Appeal, penalty: Penalty, now: datetime) -> Terms:
    """What stands of a penalty, with what was left of its sanction when it began to rest still to come.

    Where it fell meanwhile to a weaker one, that one's length counts, with what was served of it: it may have been over before it rested.
    """
    stands = terms_of(penalty)
    if appeal.paused_at is None or stands.sanction is None:
        return stands
    if stands.until is not None and stands.until < appeal.paused_at:
        return stands
    rest = None if appeal.paused_seconds is None else timedelta(seconds=appeal.paused_seconds)
    length = LENGTHS[stands.sanction]
    if length is not None:
        left = max(length - (appeal.paused_at - stands.since), timedelta())
        rest = left if rest is None else min(rest, left)
    return replace(stands, since=now, until=None if rest is None else now + rest)


async def resume(session: AsyncSession, appeal: Appeal, locked: Locked, now: datetime) -> None:
    """Let a sanction go on that rested."""
    if appeal.paused_at is not None:
        await revise(session, locked, unpaused(appeal, locked.penalty, now), cause="resumed", now=now)
