"""Use cases of time: more of it for one member, and an attempt that goes on. Nobody gives it to themselves."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.attempts import ends_at, given_extra, reopened
from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import emit
from chassis.problems import CONFLICT_OF_INTEREST, INVALID
from chassis.projections.members import LEFT_STATUSES
from chassis.timers import schedule
from chassis.web.work import Work
from contracts.events import ContestTimeGiven
from services.events.activities.access import is_announced
from services.events.activities.models import Activity
from services.events.activities.queries import statuses_of
from services.events.activities.schemas import ReasonGiven
from services.events.contests import problems, queries
from services.events.contests.access import (
    SeenAttempt,
    SeenContest,
    require_state,
    seen_contest,
    seen_through,
    times_of,
)
from services.events.contests.attempts import course_of, over_since, window_of
from services.events.contests.closing import FINISH, HAND_IN
from services.events.contests.models import Contest, ContestAttempt, ContestExtraTime
from services.events.contests.schemas import ExtraTimeGiven


async def give(work: Work, key: UUID, body: ExtraTimeGiven) -> tuple[SeenContest, int, ContestAttempt | None]:
    """Give a member more time: both their minutes and the window end later. What they have in all, and their attempt."""
    seen = await seen_contest(work, key, lock=True)
    contest = seen.contest
    await _not_for_themselves(work.session, contest, seen.standing.member_id, body.member_id)
    require_state(contest, "extend", work.now)
    statuses = await statuses_of(work.session, contest.community_id, [body.member_id])
    if statuses.get(body.member_id, "left") in LEFT_STATUSES:
        raise INVALID(errors=[problems.wrong("/member_id", "unknown_member")])
    row = await work.session.get(ContestExtraTime, (contest.id, body.member_id))
    if row is None:
        row = ContestExtraTime(contest_id=contest.id, member_id=body.member_id, minutes=0)
        work.session.add(row)
    row.minutes += body.minutes
    attempt = await queries.attempt_of(work.session, contest.id, body.member_id, lock=True)
    if attempt is None:
        until = contest.closes_at + timedelta(minutes=row.minutes)
        await _hold(work.session, contest, until)
        await _tell(work, contest, body.member_id, until, reopened=False)
    else:
        moved = given_extra(window_of(contest), course_of(attempt), timedelta(minutes=body.minutes), work.now)
        _write(contest, attempt, moved)
        if attempt.handed_in_at is None:
            await _hold(work.session, contest, attempt.ends_at)
            await _tell(work, contest, body.member_id, attempt.ends_at, reopened=False)
    changes: dict[str, list[Any]] = {
        "member_id": [None, str(body.member_id)],
        "extra_minutes": [row.minutes - body.minutes, row.minutes],
    }
    await audit(work.session, work.caller, contest, "extend", changes, work.now)
    return seen, row.minutes, attempt


async def reopen(work: Work, key: UUID, body: ReasonGiven) -> SeenAttempt:
    """Let an attempt that was handed in go on, with the time that was left then. What runs is left as it is."""
    noted = await existing(work.session, ContestAttempt, key)
    seen = await seen_through(work, noted.contest_id, lock=True)
    contest = seen.contest
    await _not_for_themselves(work.session, contest, seen.standing.member_id, noted.member_id)
    require_state(contest, "reopen", work.now)
    attempt = await existing(work.session, ContestAttempt, key, lock=True)
    if over_since(contest, attempt, work.now) is not None:
        _write(contest, attempt, reopened(window_of(contest), course_of(attempt), work.now))
        await work.session.flush()
        await _hold(work.session, contest, attempt.ends_at)
        await schedule(work.session, HAND_IN, contest.id, await queries.next_end(work.session, contest.id) or work.now)
        await _tell(work, contest, attempt.member_id, attempt.ends_at, reopened=True)
        changes: dict[str, list[Any]] = {"reason": [None, body.reason], "status": ["handed_in", "running"]}
        await audit(work.session, work.caller, attempt, "reopen", changes, work.now)
    return SeenAttempt(attempt, contest, seen.standing)


async def _not_for_themselves(session: AsyncSession, contest: Contest, member_id: UUID | None, whose: UUID) -> None:
    """Raises `CONFLICT_OF_INTEREST`, also where it is for somebody of the caller's team: what they come to is the caller's, too."""
    if member_id == whose or await queries.together(session, contest.id, member_id, whose):
        raise CONFLICT_OF_INTEREST()


def _write(contest: Contest, attempt: ContestAttempt, course: Any) -> None:
    attempt.moved_us = course.moved // timedelta(microseconds=1)
    attempt.handed_in_at = course.handed_in_at
    attempt.handed_in_by = None if course.handed_in_at is None else (attempt.handed_in_by or "clock")
    attempt.ends_at = ends_at(window_of(contest), course_of(attempt)) or contest.closes_at


async def _tell(work: Work, contest: Contest, member_id: UUID, until: datetime, *, reopened: bool) -> None:
    """Let the member know until when they answer; nobody hears of a contest whose activity is not announced."""
    activity = await work.session.get_one(Activity, contest.activity_id)
    if not is_announced(activity) or until <= work.now:
        return
    message = ContestTimeGiven(
        community_id=contest.community_id,
        activity_id=contest.activity_id,
        contest_id=contest.id,
        member_id=member_id,
        reopened=reopened,
        until=until,
    )
    await emit(work.session, message, version=1, occurred_at=work.now)


async def _hold(session: AsyncSession, contest: Contest, until: Any) -> None:
    """Release nothing before this member is through."""
    if until > times_of(contest).released_at:
        contest.held_until = until
        await session.flush()
        await schedule(session, FINISH, contest.id, until)
