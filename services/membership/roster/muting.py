"""Short mutes: up to three days, by a moderator, operator or owner, without a case."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes, audit
from chassis.problems import INVALID, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.timers import Late, Timer, Timers, cancel, schedule
from services.membership.people.models import Person
from services.membership.permissions import MEMBERS_MUTE, MEMBERS_UNMUTE
from services.membership.roster.joining import MUTE_OVER, lock_member, tell_sanction
from services.membership.roster.models import Member, ShortMute
from services.membership.roster.queries import embedded_by_actor, last_short_mute
from services.membership.roster.rules import LONGEST_SHORT_MUTE, Hold, Muted, muting_refusal, unmuting_refusal
from services.membership.roster.sanctions import settle, settle_due
from services.membership.roster.schemas import MemberMute, MutePublic

timers = Timers()


async def mute(
    session: AsyncSession, *, caller: Caller, member_id: UUID, body: MemberMute, now: datetime
) -> tuple[Member, Person]:
    """Let a member read and not write. Raises `CONFLICT_OF_INTEREST`, `FORBIDDEN`, `ILLEGAL_TRANSITION`, `MUTED_LATELY`."""
    member, person = await lock_member(session, member_id)
    standing = await authorize(session, caller, MEMBERS_MUTE, member.community_id, now=now)
    last = await last_short_mute(session, member.id) if MEMBERS_MUTE.reach(standing.columns) else None
    code = muting(caller, standing, member, last.given_at if last else None, now)
    if code is not None:
        raise refused(code, state=member.status_at(now) if code == "illegal_transition" else None)
    if not now < body.until <= now + LONGEST_SHORT_MUTE:
        raise INVALID(
            errors=[
                FieldError("/until", "out_of_bounds", "A short mute ends within 3 days.", "短期禁言须在 3 天内结束。")
            ]
        )
    session.add(
        ShortMute(
            community_id=member.community_id,
            member_id=member.id,
            reason=body.reason,
            given_by=caller.actor,
            given_at=now,
            until=body.until,
        )
    )
    member.take_hold(Hold("muted", body.until))
    await tell_sanction(session, member, at=now)
    await schedule(session, MUTE_OVER, member.id, body.until)
    changes: Changes = {"status": ["active", "muted"], "until": [None, body.until], "reason": [None, body.reason]}
    await audit(session, caller, member, "mute", changes, now)
    return member, person


async def unmute(session: AsyncSession, *, caller: Caller, member_id: UUID, now: datetime) -> tuple[Member, Person]:
    """End a short mute before its time. Raises `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, `MUTED_BY_PENALTY`."""
    member, person = await lock_member(session, member_id)
    standing = await authorize(session, caller, MEMBERS_UNMUTE, member.community_id, now=now)
    given = await last_short_mute(session, member.id)
    last = Muted(given.given_at, given.until if given.ended_at is None else None) if given else None
    code = unmuting(caller, standing, member, last, now)
    if code is not None or given is None:
        raise refused(
            code or "illegal_transition", state=member.status_at(now) if code == "illegal_transition" else None
        )
    given.ended_by, given.ended_at = caller.actor, now
    await session.flush()
    await settle(session, member, person, now=now)
    await cancel(session, MUTE_OVER, member.id)
    await audit(session, caller, member, "unmute", {"status": ["muted", "active"]}, now)
    return member, person


def muting(
    caller: Caller, standing: Standing, member: Member, last_muted_at: datetime | None, now: datetime
) -> str | None:
    """The problem code with which muting would be refused now; None if it is possible."""
    if not MEMBERS_MUTE.reach(standing.columns):
        return "forbidden"
    return muting_refusal(
        status=member.status_at(now),
        target_roles=member.roles_at(now),
        is_himself=caller.id == member.person_id,
        last_muted_at=last_muted_at,
        now=now,
    )


def unmuting(caller: Caller, standing: Standing, member: Member, last: Muted | None, now: datetime) -> str | None:
    """The problem code with which unmuting would be refused now; None if it is possible."""
    if not MEMBERS_UNMUTE.reach(standing.columns):
        return "forbidden"
    short = last is not None and last.lasts(now)
    return unmuting_refusal(status=member.status_at(now), is_himself=caller.id == member.person_id, short=short)


async def mute_of(session: AsyncSession, member: Member, now: datetime) -> MutePublic | None:
    """Why the member is muted now, until when, and whom to ask; None if they are not."""
    given = await last_short_mute(session, member.id) if member.status_at(now) == "muted" else None
    if given is None or given.penalty_id is not None or given.until <= now:
        return None
    ask = await embedded_by_actor(session, member.community_id, given.given_by, now)
    return MutePublic(reason=given.reason, until=given.until, ask=ask)


@timers.on(MUTE_OVER, late=Late.ENDING)
async def end_mute(session: AsyncSession, timer: Timer) -> None:
    """Record that a mute is over, and tell."""
    member, person = await lock_member(session, timer.subject_id)
    await settle_due(session, member, person, now=timer.now)
