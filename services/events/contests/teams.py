"""Use cases of teams: formed by members or by whoever runs the contest, until it opens."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from chassis.audit import audit
from chassis.database.bulk import insert_many
from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, INVALID, NOT_FOUND
from chassis.projections.members import LEFT_STATUSES
from chassis.web.work import Work
from services.events.activities.queries import statuses_of
from services.events.base import texts
from services.events.contests import problems, queries
from services.events.contests.access import SeenContest, member_of, require_state, seen_contest
from services.events.contests.attempts import may_enter
from services.events.contests.models import Contest, ContestTeam, ContestTeamMember
from services.events.contests.schemas import ContestTeamCreate, ContestTeamMade

KIND = "contest_team"


async def form(work: Work, body: ContestTeamCreate) -> tuple[ContestTeam, SeenContest]:
    """Form a team, with the caller in it."""
    seen = await _seen(work, body.contest_id)
    member_id = member_of(seen.standing)
    if seen.contest.teams_by != "members":
        raise problems.TEAMS_ARE_MADE()
    if not await may_enter(work.session, seen.contest, member_id):
        raise problems.NOT_ENTERED()
    return await _formed(work, seen.contest, body.name, [member_id], author_id=member_id), seen


async def make(work: Work, key: UUID, body: ContestTeamMade) -> tuple[ContestTeam, SeenContest]:
    """Make a team of these members."""
    seen = await _seen(work, key)
    statuses = await statuses_of(work.session, seen.contest.community_id, body.member_ids)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in body.member_ids):
        raise INVALID(errors=[problems.wrong("/member_ids", "unknown_member")])
    if len(body.member_ids) > (seen.contest.team_size or 0):
        raise INVALID(errors=[problems.wrong("/member_ids", "too_many")])
    author_id = member_of(seen.standing)
    team = await _formed(work, seen.contest, body.name, body.member_ids, author_id=author_id)
    await audit(work.session, work.caller, team, "create", {"size": [0, team.size]}, work.now)
    return team, seen


async def join(work: Work, key: UUID) -> tuple[ContestTeam, SeenContest]:
    """Join a team. Again, it changes nothing."""
    noted = await existing(work.session, ContestTeam, key)
    seen = await _seen(work, noted.contest_id)
    member_id, contest = member_of(seen.standing), seen.contest
    team = await existing(work.session, ContestTeam, key, lock=True)
    present = await queries.team_of(work.session, contest.id, member_id)
    if present is not None and present.id == team.id:
        return team, seen
    if contest.teams_by != "members":
        raise problems.TEAMS_ARE_MADE()
    if not await may_enter(work.session, contest, member_id):
        raise problems.NOT_ENTERED()
    if team.size >= (contest.team_size or 0):
        raise problems.TEAM_FULL()
    await _put_in(work, team, [member_id])
    return team, seen


async def leave(work: Work, key: UUID) -> None:
    """Leave a team; the last one takes it along. Who is not in it has nothing there to leave. Raises `NOT_FOUND`."""
    noted = await existing(work.session, ContestTeam, key)
    seen = await _seen(work, noted.contest_id)
    if seen.contest.teams_by != "members":
        raise problems.TEAMS_ARE_MADE()
    await _take_out(work, noted.id, member_of(seen.standing))


async def dissolve(work: Work, key: UUID) -> None:
    """Take a team apart."""
    team = await existing(work.session, ContestTeam, key)
    seen = await _seen(work, team.contest_id)
    if not seen.runs_it:
        raise FORBIDDEN()
    await audit(work.session, work.caller, team, "delete", {"size": [team.size, None]}, work.now)
    await work.session.execute(delete(ContestTeamMember).where(col(ContestTeamMember.team_id) == key))
    await work.session.delete(team)
    await work.session.flush()


async def _seen(work: Work, key: UUID) -> SeenContest:
    """The contest, locked, with teams that may still change."""
    seen = await seen_contest(work, key, lock=True)
    if seen.contest.team_size is None:
        raise problems.NO_TEAMS()
    require_state(seen.contest, "team_up", work.now)
    return seen


async def _formed(
    work: Work, contest: Contest, name: str, member_ids: Collection[UUID], *, author_id: UUID
) -> ContestTeam:
    team = ContestTeam(
        community_id=contest.community_id,
        contest_id=contest.id,
        name=name,
        created_by_id=author_id,
        created_at=work.now,
    )
    work.session.add(team)
    await work.session.flush()
    await _put_in(work, team, member_ids)
    await texts.written(
        work.session,
        community_id=contest.community_id,
        kind=KIND,
        object_id=team.id,
        author_id=author_id,
        text={"name": name},
        now=work.now,
    )
    return team


async def _put_in(work: Work, team: ContestTeam, member_ids: Collection[UUID]) -> None:
    """Put members into a team of a locked contest. Raises `IN_A_TEAM`."""
    if await queries.taken(work.session, team.contest_id, member_ids):
        raise problems.IN_A_TEAM()
    rows = [{"contest_id": team.contest_id, "team_id": team.id, "member_id": one} for one in sorted(member_ids)]
    await insert_many(work.session, ContestTeamMember.__table__, rows)  # type: ignore[attr-defined]
    team.size += len(rows)
    await work.session.flush()


async def _take_out(work: Work, team_id: UUID, member_id: UUID) -> None:
    row = await work.session.get(ContestTeamMember, (await _contest_of(work, team_id), member_id))
    if row is None or row.team_id != team_id:
        raise NOT_FOUND()
    team = await existing(work.session, ContestTeam, team_id, lock=True)
    await work.session.delete(row)
    await work.session.flush()
    left = select(func.count()).where(col(ContestTeamMember.team_id) == team_id)
    team.size = (await work.session.execute(left)).scalar_one()
    if team.size == 0:
        await work.session.delete(team)
        await work.session.flush()


async def _contest_of(work: Work, team_id: UUID) -> UUID:
    return (await existing(work.session, ContestTeam, team_id)).contest_id
