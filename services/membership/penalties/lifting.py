"""Taking a penalty back, and what falls with it: later sanctions, as far as only its points carried them.

A second person's word does not hold them up: they agreed to what the ladder said of a sum that was wrong.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes, audit
from services.membership.penalties import queries
from services.membership.penalties.models import Penalty
from services.membership.penalties.rules import (
    LENGTHS,
    Revision,
    Sanction,
    exceeds,
    needs_second,
    points_at,
    rung,
    rung_of,
)
from services.membership.penalties.service import NOTHING, Locked, Terms, revise, stands_for, terms_of
from services.membership.roster.models import Member


async def lift(session: AsyncSession, locked: Locked, *, now: datetime) -> None:
    """Take back a locked penalty that should not have been, with everything that followed."""
    penalty = locked.penalty
    await revise(session, locked, terms_of(penalty, **NOTHING), cause="lifted", now=now)
    await _propose_again(session, locked, now)
    await _lessen_later(session, locked, now)


async def _propose_again(session: AsyncSession, locked: Locked, now: datetime) -> None:
    # What waits for a second person was proposed for a sum of points that is smaller now: nobody may agree to more than the ladder says.
    waiting = await queries.proposed_of(session, locked.member.id)
    if not waiting:
        return
    member_id = locked.member.id
    most = rung(points_at((await queries.revisions_of(session, [member_id], now))[member_id], now))
    for one in waiting:
        if not needs_second(most):
            one.proposed = one.proposed_at = None
        elif one.proposed == "expel" and most == "suspend":
            one.proposed = most
        else:
            continue
        one.version += 1
    await session.flush()


async def _lessen_later(session: AsyncSession, locked: Locked, now: datetime) -> None:
    """Let later penalties bring no more than the ladder would have said of them without the one that is taken back."""
    beside = await queries.around_locked(session, locked.penalty)
    stands = [_as_revision(one) for one in beside]
    for one in beside:
        if one.imposed_at < locked.penalty.imposed_at or one.sanction is None:
            continue
        most = rung_of(one.id, stands)
        if not exceeds(one.sanction, most):
            continue
        before = one.sanction
        terms = await _lesser(session, one, most, locked.member)
        await revise(session, replace(locked, penalty=one), terms, cause="lessened", now=now)
        changes: Changes = {"sanction": [before, most], "lifted": [None, str(locked.penalty.id)]}
        await audit(session, None, one, "lessen", changes, now)


async def _lesser(session: AsyncSession, penalty: Penalty, sanction: Sanction | None, member: Member) -> Terms:
    """What stands of a penalty with a weaker sanction: as long as that would have lasted from the beginning, and no longer than what stood.

    Whoever was let in again after an expulsion is not suspended for it.
    """
    if sanction is None:
        return terms_of(penalty, sanction=None, until=None)
    first = await _first_as(session, penalty, sanction)
    length = LENGTHS[sanction]
    until = first.until if first.sanction == sanction or length is None else first.since + length
    ends = [until, penalty.until]
    if penalty.sanction == "expel" and not stands_for(penalty.since, member):
        ends.append(member.recorded_at)
    until = min((one for one in ends if one is not None), default=None)
    return terms_of(penalty, sanction=sanction, since=first.since, until=until)


async def _first_as(session: AsyncSession, penalty: Penalty, sanction: Sanction) -> Terms:
    """When a penalty brought this sanction, or a stronger one, first: a mute before a second person agreed to more."""
    for one in await queries.revisions_of_one(session, penalty.id):
        if one.sanction == sanction or exceeds(one.sanction, sanction):
            return Terms(one.violation_points, one.fine, one.sanction, one.since, one.until)  # type: ignore[arg-type]  # the check constraint says so
    return terms_of(penalty)


def _as_revision(penalty: Penalty) -> Revision:
    return Revision(penalty.id, penalty.revision, penalty.violation_points, penalty.imposed_at)
