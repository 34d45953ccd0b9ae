"""Use cases of contests: preparing, publishing, changing before they open."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import INVALID
from chassis.timers import cancel, schedule
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.activities.occasions import Turned
from services.events.contests import problems, source
from services.events.contests.access import SeenContest, require_state, seen_contest, times_of
from services.events.contests.closing import FINISH, HAND_IN
from services.events.contests.models import Contest, ContestPaper
from services.events.contests.queries import of_activities
from services.events.contests.rules import Times, misfits
from services.events.contests.schemas import ContestCreate, ContestPatch
from services.events.papers.service import Published


async def create(work: Work, body: ContestCreate) -> SeenContest:
    """Prepare the contest of an activity."""
    found = await seen_activity(work, body.activity_id)
    activity, standing = found.activity, found.standing
    if activity.kind != "contest" or activity.status in {"completed", "cancelled"}:
        raise problems.NO_CONTEST()
    contest = Contest(
        **body.model_dump(exclude={"results_at"}),
        results_at=body.results_at or body.closes_at,
        community_id=activity.community_id,
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    _check_times(work, times_of(contest))
    given = await _paper(work.session, contest)
    _count_paper(contest, given)
    work.session.add(contest)
    await work.session.flush()
    made = {"activity_id": [None, str(activity.id)], "paper_id": [None, str(contest.paper_id)]}
    await audit(work.session, work.caller, contest, "create", made, work.now)
    return SeenContest(contest, standing, work.now)


async def edit(work: Work, key: UUID, body: ContestPatch, if_match: int) -> SeenContest:
    """Change what has not opened."""
    seen = await seen_contest(work, key, lock=True)
    contest = seen.contest
    require_match(contest.version, if_match)
    require_state(contest, "update", work.now)
    changes = changed_by(body.model_dump(include=body.model_fields_set), contest)
    if not changes:
        return seen
    contest.sqlmodel_update({name: after for name, (_, after) in changes.items()})
    contest.version += 1
    _check_times(work, times_of(contest))
    if not {"paper_id", "paper_version"}.isdisjoint(changes):
        given = await _paper(work.session, contest)
        _count_paper(contest, given)
        if contest.status != "draft":
            await _freeze(work.session, contest, given)
    if contest.status != "draft":
        await _set_timers(work.session, contest)
    await audit(work.session, work.caller, contest, "update", {"fields": [None, sorted(changes)]}, work.now)
    return seen


async def publish(work: Work, key: UUID, if_match: int) -> SeenContest:
    """Let members know of it, with the paper as it is now."""
    seen = await seen_contest(work, key, lock=True)
    contest = seen.contest
    require_match(contest.version, if_match)
    require_state(contest, "publish", work.now)
    _check_times(work, times_of(contest))
    given = await _paper(work.session, contest)
    _count_paper(contest, given)
    contest.sqlmodel_update({"status": "set", "version": contest.version + 1})
    await _freeze(work.session, contest, given)
    await _set_timers(work.session, contest)
    await audit(work.session, work.caller, contest, "publish", {"status": ["draft", "set"]}, work.now)
    return seen


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """With its activity a contest is cancelled, unless its results are out."""
    if turned.how != "cancelled":
        return
    held = [one.id for one in turned.activities if one.kind == "contest"]
    for contest in await of_activities(session, held):
        if contest.status in {"draft", "set"}:
            contest.sqlmodel_update({"status": "cancelled", "version": contest.version + 1})
            await cancel(session, HAND_IN, contest.id)
            await cancel(session, FINISH, contest.id)
    await session.flush()


def _check_times(work: Work, times: Times) -> None:
    if found := [problems.wrong(f"/{field}", code) for field, code in misfits(times, now=work.now)]:
        raise INVALID(errors=found)


async def _paper(session: AsyncSession, contest: Contest) -> Published:
    given = await source.published(session, contest.community_id, contest.paper_id, contest.paper_version)
    if given is None:
        raise INVALID(errors=[problems.wrong("/paper_id", "unknown_paper")])
    if any(one.question.by_people for one in given.paper.questions()):
        raise INVALID(errors=[problems.wrong("/paper_id", "graded_by_people")])
    return given


def _count_paper(contest: Contest, given: Published) -> None:
    values = {"fingerprint": given.fingerprint, "questions": given.paper.count, "full": given.paper.full}
    contest.sqlmodel_update(values)


async def _freeze(session: AsyncSession, contest: Contest, given: Published) -> None:
    """Keep the paper by which the contest is graded, whatever becomes of the bank."""
    await session.flush()
    await session.execute(delete(ContestPaper).where(col(ContestPaper.contest_id) == contest.id))
    session.add(
        ContestPaper(
            contest_id=contest.id,
            revision=0,
            document=given.document,
            fingerprint=given.fingerprint,
            bank_ids=[str(one) for one in given.bank_ids],
        )
    )
    await session.flush()


async def _set_timers(session: AsyncSession, contest: Contest) -> None:
    times = times_of(contest)
    # Nobody who begins then is at an end before.
    await schedule(
        session, HAND_IN, contest.id, min(times.closes_at, times.opens_at + timedelta(minutes=contest.minutes))
    )
    await schedule(session, FINISH, contest.id, times.released_at)
