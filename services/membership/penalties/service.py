"""How penalties come about, and what becomes of them: for the use cases of cases, of penalties themselves and of appeals.

Locks: the member first, then the case, then the penalty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.rows import existing
from chassis.messaging.outbox import tell
from chassis.timers import Late, Timer, Timers, cancel, schedule
from contracts.conduct import PenaltyEnded, PenaltyImposed, PenaltyLifted, PenaltyRevised
from services.membership.penalties import queries
from services.membership.penalties.models import Penalty, PenaltyRevision
from services.membership.penalties.occasions import PenaltyFollowed, penalty_revised
from services.membership.penalties.rules import (
    LENGTHS,
    POINTS,
    Sanction,
    Severity,
    muted_until,
    needs_second,
    points_at,
    rung,
    sanctions_at,
)
from services.membership.people.models import Person
from services.membership.roster.joining import lock_member
from services.membership.roster.models import Member, ShortMute
from services.membership.roster.occasions import SanctionsSought
from services.membership.roster.rules import Hold
from services.membership.roster.sanctions import settle, settle_due

PENALTY_OVER = "penalty.over"
"""The timer of the end of a penalty's sanction."""
STATUSES: Mapping[Sanction, Any] = {"mute": "muted", "suspend": "suspended", "expel": "expelled"}

timers = Timers()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What somebody is penalised for: the case, the rule as it was in force then, and the things that it is about."""

    case_id: UUID
    rule_code: str
    rule_version: int
    severity: Severity
    objects: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What stands of a penalty after a decision about it."""

    violation_points: int
    fine: int
    sanction: Sanction | None
    since: datetime
    until: datetime | None


NOTHING = {"violation_points": 0, "fine": 0, "sanction": None, "until": None}
"""What stands of a penalty that should not have been."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A penalty with the member whose it is, both locked."""

    penalty: Penalty
    member: Member
    person: Person


async def impose(
    session: AsyncSession,
    member: Member,
    person: Person,
    grounds: Grounds,
    *,
    fine: int,
    words: str | None,
    now: datetime,
) -> Penalty:
    """Impose on a locked member what the ladder says, for whoever is at work in this session.

    A suspension or expulsion is only proposed: until a second person agrees the member is muted as one person alone may do it. A mute takes
    over the short mute that went before it: what was served of that counts.
    """
    revisions = (await queries.revisions_of(session, [member.id], now))[member.id]
    points = POINTS[grounds.severity]
    sanction = rung(points_at(revisions, now) + points)
    proposed = sanction if needs_second(sanction) else None
    given: Sanction | None = "mute" if proposed else sanction
    penalty = Penalty(
        community_id=member.community_id,
        member_id=member.id,
        case_id=grounds.case_id,
        rule_code=grounds.rule_code,
        rule_version=grounds.rule_version,
        severity=grounds.severity,
        objects=[dict(one) for one in grounds.objects],
        words=words,
        violation_points=points,
        fine=fine,
        sanction=given,
        since=now,
        imposed_at=now,
        imposed_by=context_of(session).actor,
        told_at=now,
        proposed=proposed,
        proposed_at=now if proposed else None,
    )
    if given == "mute":
        penalty.until = muted_until(now, await _take_over_mutes(session, member, penalty.id, now))
    session.add(penalty)
    await session.flush()
    await _record(session, penalty, "imposed", now)
    await tell(session, PenaltyImposed, penalty, now)
    await _time(session, penalty)
    await settle(session, member, person, now=now)
    return penalty


async def lock_penalty(session: AsyncSession, penalty_id: UUID) -> Locked:
    """A penalty with its member, locked in that order of all: the member first. Raises `NOT_FOUND`."""
    noted = await existing(session, Penalty, penalty_id)
    member, person = await lock_member(session, noted.member_id)
    return Locked(await existing(session, Penalty, penalty_id, lock=True), member, person)


async def second(session: AsyncSession, locked: Locked, sanction: Sanction | None, *, now: datetime) -> None:
    """Let a second person's word count: the sanction as proposed, a lesser one, or None for what holds already.

    The caller has made sure that it may be (`seconding_refusal`), and of another owner where somebody is expelled.
    """
    penalty = locked.penalty
    penalty.proposed, penalty.proposed_at = None, None
    if sanction is None:
        penalty.version += 1
        return
    length = LENGTHS[sanction]
    penalty.seconded_by = context_of(session).actor
    terms = Terms(
        violation_points=penalty.violation_points,
        fine=penalty.fine,
        sanction=sanction,
        since=now,
        until=None if length is None else now + length,
    )
    penalty.told_at = now
    await revise(session, locked, terms, cause="seconded", now=now)


async def revise(session: AsyncSession, locked: Locked, terms: Terms, *, cause: str, now: datetime) -> None:
    """Let this stand of a locked penalty from now on: a new revision. Only what this penalty brought changes.

    `cause` as in `PenaltyRevision`. A membership that the penalty had ended goes on where it does not any more.
    """
    penalty = locked.penalty
    await _end_if_over(session, locked, now)
    penalty.violation_points, penalty.fine = terms.violation_points, terms.fine
    penalty.sanction, penalty.since, penalty.until = terms.sanction, terms.since, terms.until
    penalty.undone = cause == "lifted"
    penalty.ended_at = None
    if penalty.undone:
        penalty.proposed = penalty.proposed_at = None
    penalty.revision += 1
    penalty.version += 1
    await session.flush()
    await _record(session, penalty, cause, now)
    await tell(session, PenaltyLifted if penalty.undone else PenaltyRevised, penalty, now)
    await _time(session, penalty)
    member = locked.member
    was = member.status_at(now)
    undoes = member.ended_at is not None and await queries.was_expelled_at(session, member.id, member.ended_at)
    returned = await settle(session, member, locked.person, now=now, returns=undoes)
    await penalty_revised.happened(session, PenaltyFollowed(penalty, member, was, returned, now))


def terms_of(penalty: Penalty, **changes: Any) -> Terms:
    """What stands of a penalty, with what is to change."""
    stands = Terms(
        violation_points=penalty.violation_points,
        fine=penalty.fine,
        sanction=penalty.sanction,  # type: ignore[arg-type]  # the check constraint says so
        since=penalty.since,
        until=penalty.until,
    )
    return replace(stands, **changes)


async def sanctions_of(session: AsyncSession, sought: SanctionsSought) -> Mapping[UUID, Sequence[Hold]]:
    """What penalties make of these members at a moment. Whoever let somebody in again after an expulsion has decided about that."""
    by_id = {member.id: member for member in sought.members}
    found: dict[UUID, Sequence[Hold]] = {}
    for member_id, revisions in (await queries.revisions_of(session, list(by_id), sought.at)).items():
        member = by_id[member_id]
        counting = [one for one in revisions if one.sanction != "expel" or stands_for(one.since, member)]
        several = sanctions_at(counting, sought.at)
        if several:
            found[member_id] = [Hold(STATUSES[held.sanction], held.until, held.penalty_ids) for held in several]
    return found


def stands_for(since: datetime | None, member: Member) -> bool:
    """Whether an expulsion since then holds a member still, and nobody has let them in again."""
    return member.status == "expelled" or (since is not None and since >= member.recorded_at)


@timers.on(PENALTY_OVER, late=Late.ENDING)
async def end_penalty(session: AsyncSession, timer: Timer) -> None:
    """Record that a sanction is over, and tell."""
    await _end_if_over(session, await lock_penalty(session, timer.subject_id), timer.now)


async def _end_if_over(session: AsyncSession, locked: Locked, now: datetime) -> None:
    """Tell first, as of when it was, what is over by the clock: whoever decides anew changes nothing of the time since."""
    penalty = locked.penalty
    if penalty.sanction is None or penalty.until is None or penalty.until > now or penalty.ended_at is not None:
        return
    penalty.ended_at = penalty.until
    await tell(session, PenaltyEnded, penalty, penalty.until)
    await settle_due(session, locked.member, locked.person, now=now)


async def _take_over_mutes(session: AsyncSession, member: Member, penalty_id: UUID, now: datetime) -> timedelta:
    """Let a penalty take over the short mutes of the last days; returns how long they were served."""
    served = timedelta()
    for given in await queries.lately_muted(session, member.id, now):
        served += _served(given, now)
        given.penalty_id = penalty_id
        if given.ended_at is None and given.until > now:
            given.ended_at, given.ended_by = now, context_of(session).actor
    return served


def _served(given: ShortMute, now: datetime) -> timedelta:
    return min(given.ended_at or given.until, given.until, now) - given.given_at


async def _record(session: AsyncSession, penalty: Penalty, cause: str, now: datetime) -> None:
    stands = penalty.model_dump(include={"revision", "violation_points", "fine", "sanction", "since", "until"})
    made_by = context_of(session).actor
    session.add(PenaltyRevision(penalty_id=penalty.id, cause=cause, made_at=now, made_by=made_by, **stands))
    await session.flush()


async def _time(session: AsyncSession, penalty: Penalty) -> None:
    """Set the timer of the sanction's end, or unset it."""
    if penalty.sanction is None or penalty.until is None:
        await cancel(session, PENALTY_OVER, penalty.id)
    else:
        await schedule(session, PENALTY_OVER, penalty.id, penalty.until)
