"""HTTP of teams."""

from uuid import UUID

from fastapi import Response

from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.events.contests import problems, queries, teams
from services.events.contests.access import seen_contest
from services.events.contests.models import ContestTeam
from services.events.contests.schemas import ContestTeamCreate, ContestTeamMade, ContestTeamPublic
from services.events.contests.views import teams_shown
from services.events.permissions import CONTEST_ATTEMPTS_OWN, CONTESTS_READ, CONTESTS_WRITE

router = api_router(tags=["Contest teams"])

ALL = "/v1/contest-teams"
ONE = "/v1/contest-teams/{team_id}"
_JOINING = [
    ILLEGAL_TRANSITION,
    problems.NO_TEAMS,
    problems.TEAMS_ARE_MADE,
    problems.NOT_ENTERED,
    problems.IN_A_TEAM,
]


@router.post(ALL, status_code=201)
@operation(permission=CONTEST_ATTEMPTS_OWN, problems=[*_JOINING, ALREADY_EXISTS])
async def create_contest_team(body: ContestTeamCreate, work: Write, response: Response) -> ContestTeamPublic:
    """Form a team, with yourself in it. Others read its name once moderation has seen it."""
    team, seen = await teams.form(work, body)
    created(response, f"{ALL}/{team.id}")
    return (await teams_shown(work, seen, [team]))[0]


@router.post("/v1/contests/{contest_id}/teams", status_code=201)
@operation(
    permission=CONTESTS_WRITE,
    problems=[ILLEGAL_TRANSITION, problems.NO_TEAMS, problems.IN_A_TEAM, ALREADY_EXISTS],
)
async def make_contest_team(
    contest_id: UUID, body: ContestTeamMade, work: Write, response: Response
) -> ContestTeamPublic:
    """Make a team of members, whoever forms teams in this contest."""
    team, seen = await teams.make(work, contest_id, body)
    created(response, f"{ALL}/{team.id}")
    return (await teams_shown(work, seen, [team]))[0]


@router.get(ALL)
@operation(permission=CONTESTS_READ)
async def list_contest_teams(contest_id: UUID, work: Read, page: PageQuery) -> Page[ContestTeamPublic]:
    """List the teams of a contest with their members."""
    seen = await seen_contest(work, contest_id)
    return await paginate_together(
        work.session, queries.teams(contest_id), page=page, to=lambda rows: teams_shown(work, seen, rows)
    )


@router.get(ONE)
@operation(permission=CONTESTS_READ)
async def read_contest_team(team_id: UUID, work: Read) -> ContestTeamPublic:
    """Read who is in a team."""
    team = await existing(work.session, ContestTeam, team_id)
    return (await teams_shown(work, await seen_contest(work, team.contest_id), [team]))[0]


@router.post(f"{ONE}/join")
@operation(permission=CONTEST_ATTEMPTS_OWN, problems=[*_JOINING, problems.TEAM_FULL])
async def join_contest_team(team_id: UUID, work: Write) -> ContestTeamPublic:
    """Join a team before the contest opens. Again, it changes nothing."""
    team, seen = await teams.join(work, team_id)
    return (await teams_shown(work, seen, [team]))[0]


@router.post(f"{ONE}/leave", status_code=204)
@operation(permission=CONTEST_ATTEMPTS_OWN, problems=[ILLEGAL_TRANSITION, problems.NO_TEAMS, problems.TEAMS_ARE_MADE])
async def leave_contest_team(team_id: UUID, work: Write) -> None:
    """Leave a team before the contest opens; the last one takes it along."""
    await teams.leave(work, team_id)


@router.delete(ONE, status_code=204)
@operation(permission=CONTESTS_WRITE, problems=[ILLEGAL_TRANSITION, problems.NO_TEAMS])
async def dissolve_contest_team(team_id: UUID, work: Write) -> None:
    """Take a team apart before the contest opens."""
    await teams.dissolve(work, team_id)
