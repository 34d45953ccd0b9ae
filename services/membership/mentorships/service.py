"""Use cases of proposals: making one, answering it, taking it back."""

from datetime import timedelta
from uuid import UUID

from chassis.messaging.outbox import tell
from chassis.problems import ALREADY_EXISTS, FORBIDDEN, ILLEGAL_TRANSITION, INVALID, FieldError
from chassis.security.authority import authorize
from chassis.timers import cancel, schedule
from chassis.web.work import Work
from contracts.belonging import MentorshipStarted
from services.membership.mentorships import problems, queries, rules
from services.membership.mentorships.access import SeenMentorship, acting, seen, side_can
from services.membership.mentorships.clock import DUE, catch_up
from services.membership.mentorships.models import MentorCapacity, Mentorship
from services.membership.mentorships.news import about
from services.membership.mentorships.rules import Side
from services.membership.mentorships.schemas import MentorCapacityPut, MentorshipCreate
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.roster.joining import lock_member
from services.membership.roster.models import Member


async def propose(work: Work, body: MentorshipCreate) -> SeenMentorship:
    """Ask a mentor, or offer to be one.

    Raises `UNKNOWN_MEMBER`, `NOT_A_MENTOR`, `MENTOR_FULL`, `MENTEE_HAS_MENTOR`, `ALREADY_EXISTS`, `DECLINED_LATELY`, `TOO_MANY_PROPOSALS`.
    """
    if work.permission is None:
        raise TypeError("an operation that proposes declares a permission")
    standing = await authorize(work.session, work.caller, work.permission, body.community_id, own=True, now=work.now)
    own_id = standing.member_id
    if own_id is None:
        raise FORBIDDEN()
    side: Side = "mentee" if body.mentor_id is not None else "mentor"
    mentor_id, mentee_id = body.mentor_id or own_id, body.mentee_id or own_id
    named = f"{rules.other(side)}_id"
    if mentor_id == mentee_id:
        raise INVALID(errors=[problems.yourself(named)])
    two = await _both(work, body.community_id, mentor_id, mentee_id, named)
    if "mentor" not in two[mentor_id].roles_at(work.now):
        raise problems.NOT_A_MENTOR()
    await _check_between(work, mentor_id, mentee_id, side)
    if (
        await queries.proposed_lately(work.session, own_id, work.now - rules.PROPOSALS_WITHIN)
        >= rules.PROPOSALS_AT_MOST
    ):
        raise problems.TOO_MANY_PROPOSALS()
    if await queries.has_mentor(work.session, mentee_id, work.now):
        raise problems.MENTEE_HAS_MENTOR()
    if await queries.free_of(work.session, mentor_id, work.now) < 1:
        raise problems.MENTOR_FULL()
    row = Mentorship(
        community_id=body.community_id,
        mentor_id=mentor_id,
        mentee_id=mentee_id,
        proposed_by=side,
        weeks=body.weeks,
        message=body.message,
        goals=[goal.model_dump() for goal in body.goals],
        proposed_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await schedule(work.session, DUE, row.id, work.now + rules.ANSWER_WITHIN)
    await about(work.session, row, "asked" if side == "mentee" else "offered", by=side, at=work.now)
    return SeenMentorship(row, standing, side)


async def accept(work: Work, key: UUID) -> SeenMentorship:
    """Accept what the other one proposed; it begins now. Raises what `refusal` names, `NOT_A_MENTOR`, `MENTOR_FULL`, `MENTEE_HAS_MENTOR`."""
    noted = await seen(work, key)
    side_can(work, noted, "accept")
    row = noted.mentorship
    # Nobody but who holds both can begin one of either, or take a role or a membership away meanwhile.
    two = await queries.lock_pair(work.session, row.community_id, row.mentor_id, row.mentee_id)
    locked = {one.id: one for one in await queries.lock_to_accept(work.session, key, row.mentee_id)}
    for one in locked.values():
        if one.id != key:
            await catch_up(work.session, one, work.now)
    found = SeenMentorship(locked[key], noted.standing, noted.side)
    side_can(work, found, "accept")
    if len(two) < 2:
        # Its proposal lapsed with the membership.
        raise ILLEGAL_TRANSITION(state="lapsed")
    if "mentor" not in two[row.mentor_id].roles_at(work.now):
        raise problems.NOT_A_MENTOR()
    if any(one.status == "active" for one in locked.values()):
        raise problems.MENTEE_HAS_MENTOR()
    if await queries.free_of(work.session, row.mentor_id, work.now) < 1:
        raise problems.MENTOR_FULL()
    await work.session.flush()
    row = found.mentorship
    row.status, row.answered_at, row.started_at, row.noted_at = "active", work.now, work.now, work.now
    row.ends_at = work.now + timedelta(weeks=row.weeks)
    row.version += 1
    await schedule(work.session, DUE, row.id, row.ends_at)
    await about(work.session, row, None, by=row.proposed_by, at=work.now)  # type: ignore[arg-type]  # one of the two
    await tell(work.session, MentorshipStarted, row, work.now, again=True)
    return found


async def decline(work: Work, key: UUID) -> SeenMentorship:
    """Decline what the other one proposed."""
    found = await acting(work, key, "decline")
    await _answered(work, found.mentorship, "declined")
    await about(work.session, found.mentorship, "declined", by=rules.other(found.mentorship.proposed_by), at=work.now)  # type: ignore[arg-type]
    return found


async def withdraw(work: Work, key: UUID) -> SeenMentorship:
    """Take back what one proposed."""
    found = await acting(work, key, "withdraw")
    await _answered(work, found.mentorship, "withdrawn")
    await about(work.session, found.mentorship, None, by=found.mentorship.proposed_by, at=work.now)  # type: ignore[arg-type]
    return found


async def set_capacity(work: Work, member_id: UUID, body: MentorCapacityPut) -> Member:
    """Say how many mentees one takes as a mentor, now or when they are one; who is a mentee already stays one."""
    if work.permission is None or work.caller is None:
        raise TypeError("an operation that sets declares a permission")
    member, _ = await lock_member(work.session, member_id)
    mine = member.person_id == work.caller.id
    await authorize(work.session, work.caller, work.permission, member.community_id, own=mine, now=work.now)
    said = await work.session.get(MentorCapacity, member_id)
    if said is None:
        work.session.add(MentorCapacity(member_id=member_id, community_id=member.community_id, capacity=body.capacity))
    else:
        said.capacity = body.capacity
    await work.session.flush()
    return member


async def _both(work: Work, community_id: UUID, mentor_id: UUID, mentee_id: UUID, named: str) -> dict[UUID, Member]:
    two = await queries.lock_pair(work.session, community_id, mentor_id, mentee_id)
    if len(two) < 2:
        unknown = FieldError(f"/{named}", "unknown_member", "No such member.", "没有该成员。")
        raise UNKNOWN_MEMBER(errors=[unknown])
    return two


async def _check_between(work: Work, mentor_id: UUID, mentee_id: UUID, side: Side) -> None:
    """What these two have already, or had declined, by the clock."""
    for row in await queries.lock_of_pair(work.session, mentor_id, mentee_id, work.now - rules.AGAIN_AFTER):
        await catch_up(work.session, row, work.now)
        if row.status in rules.LIVE:
            raise ALREADY_EXISTS()
        if row.status == "declined" and row.proposed_by == side and row.answered_at is not None:
            raise problems.DECLINED_LATELY(again_at=row.answered_at + rules.AGAIN_AFTER)


async def _answered(work: Work, row: Mentorship, status: str) -> None:
    row.status, row.answered_at = status, work.now
    row.version += 1
    await cancel(work.session, DUE, row.id)
