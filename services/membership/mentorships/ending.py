"""Use cases of the end: completed with both agreeing, ended by one, or with a membership; and what returns after an appeal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing, emit_many, id_of, tell
from chassis.timers import cancel, cancel_many, schedule
from chassis.web.work import Work
from contracts.belonging import MentorshipCompleted, MentorshipEnded, MentorshipStarted
from services.membership.mentorships import queries
from services.membership.mentorships.access import SeenMentorship, acting
from services.membership.mentorships.clock import DUE
from services.membership.mentorships.models import Mentorship
from services.membership.mentorships.news import about
from services.membership.mentorships.occasions import ProposalsLapsed, proposals_lapsed
from services.membership.mentorships.schemas import MentorshipEnd
from services.membership.roster.models import Member
from services.membership.roster.occasions import MemberConcerned, MembershipRestored, Returned


async def complete(work: Work, key: UUID) -> SeenMentorship:
    """Ask the other one to complete it early, or agree to that. Again, it changes nothing."""
    found = await acting(work, key, "complete")
    row = found.mentorship
    if row.completion_asked_by == found.side:
        return found
    row.version += 1
    if row.completion_asked_by is None:
        row.completion_asked_by = found.side
        await about(work.session, row, "to_complete", by=found.side, at=work.now)  # type: ignore[arg-type]
        return found
    await _close(work.session, row, "completed", "agreed", work.now)
    return found


async def go_on(work: Work, key: UUID) -> SeenMentorship:
    """Do not complete it early: who asked takes that back, or the other one does not agree."""
    found = await acting(work, key, "go_on")
    row = found.mentorship
    asked_by, row.completion_asked_by = row.completion_asked_by, None
    row.version += 1
    await about(work.session, row, None, by=asked_by, at=work.now)  # type: ignore[arg-type]  # somebody asked
    return found


async def end(work: Work, key: UUID, body: MentorshipEnd) -> SeenMentorship:
    """End it before its time, and say why."""
    found = await acting(work, key, "end")
    found.mentorship.reason = body.reason
    await _close(work.session, found.mentorship, "ended", str(found.side), work.now)
    return found


async def part(session: AsyncSession, ended: MemberConcerned) -> None:
    """A membership has ended: what its member has ends with it, and what was proposed needs no answer any more."""
    member, at = ended.member, ended.at
    # Together: a mentor has many.
    rows = await queries.part_active_of(session, member.id, at)
    await cancel_many(session, DUE, [row.id for row in rows])
    await emit_many(session, [_told_of_end(row) for row in rows])
    named = or_(col(Mentorship.mentor_id) == member.id, col(Mentorship.mentee_id) == member.id)
    proposed = select(col(Mentorship.id)).where(named, col(Mentorship.status) == "proposed")
    lapsed = await session.execute(
        update(Mentorship)
        .where(col(Mentorship.id).in_(proposed.order_by(col(Mentorship.id)).with_for_update()))
        .values(status="lapsed", answered_at=at, version=col(Mentorship.version) + 1)
        .returning(col(Mentorship.id), col(Mentorship.version))
        # What the session holds of them is of before.
        .execution_options(synchronize_session=False)
    )
    versions = {row.id: row.version for row in lapsed}
    if versions:
        await proposals_lapsed.happened(session, ProposalsLapsed(versions, at))


def _told_of_end(row: Row[Any]) -> Outgoing:
    """What is told of one that is over and has counted this message."""
    kind = MentorshipCompleted if row.status == "completed" else MentorshipEnded
    event = kind(community_id=row.community_id, mentorship_id=row.id, mentor_id=row.mentor_id, mentee_id=row.mentee_id)
    version = row.messages_published
    return Outgoing(event, version, row.closed_at, id=id_of(row.id, version))


async def _close(session: AsyncSession, row: Mentorship, status: str, because: str, at: datetime) -> None:
    row.status, row.closed_at, row.closed_because = status, at, because
    row.version += 1
    await cancel(session, DUE, row.id)
    await tell(session, MentorshipCompleted if status == "completed" else MentorshipEnded, row, at, again=True)


async def take_up_again(session: AsyncSession, restored: MembershipRestored) -> Returned:
    """Let those go on that ended with a membership that goes on, unless somebody else is there now.

    The member is locked and a member again, with their roles. What would be over by now stays as it is (`time_over`), so does what
    has no mentor with that role (`not_a_mentor`), no room (`mentor_full`), a mentee with another mentor (`mentee_has_mentor`), or one
    of whom is no member any more (`not_a_member`).
    """
    member, now = restored.member, restored.at
    count, left = 0, []
    ends = {"mentor": col(Mentorship.mentor_id) == member.id, "mentee": col(Mentorship.mentee_id) == member.id}
    lost = select(Mentorship).where(
        or_(*(whose & (col(Mentorship.closed_because) == f"{side}_left") for side, whose in ends.items())),
        col(Mentorship.status) == "ended",
        col(Mentorship.closed_at) == restored.ended_at,
    )
    rows = (await session.execute(lost.order_by(col(Mentorship.id)))).scalars().all()
    others = sorted({row.mentee_id if row.mentor_id == member.id else row.mentor_id for row in rows})
    there = await queries.lock_pair(session, member.community_id, member.id, *others) if rows else {}
    for row in rows:
        await session.refresh(row, with_for_update=True)
        code = await _hinders(session, row, there, now)
        if code is not None:
            left.append((row.id, code))
            continue
        row.status, row.closed_at, row.closed_because = "active", None, None
        row.version += 1
        await session.flush()
        if row.ends_at is not None:
            await schedule(session, DUE, row.id, row.ends_at)
        await tell(session, MentorshipStarted, row, now, again=True)
        count += 1
    return Returned("mentorships", count, left)


async def _hinders(session: AsyncSession, row: Mentorship, there: dict[UUID, Member], now: datetime) -> str | None:
    """Why it cannot go on."""
    if row.ends_at is None or row.ends_at <= now:
        return "time_over"
    if not {row.mentor_id, row.mentee_id} <= there.keys():
        return "not_a_member"
    if "mentor" not in there[row.mentor_id].roles_at(now):
        return "not_a_mentor"
    if await queries.has_mentor(session, row.mentee_id, now):
        return "mentee_has_mentor"
    return "mentor_full" if await queries.free_of(session, row.mentor_id, now) < 1 else None
