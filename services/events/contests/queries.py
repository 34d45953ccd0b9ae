"""Reading contests, their attempts and boards."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Activity
from services.events.contests.models import (
    Contest,
    ContestAnswer,
    ContestAttempt,
    ContestCompetitor,
    ContestExtraTime,
    ContestRegrade,
    ContestRegradeLine,
    ContestTeam,
    ContestTeamMember,
)

_ATTEMPT, _TEAM, _IN_TEAM = ContestAttempt, ContestTeam, ContestTeamMember
_WHO = ContestCompetitor


# --- lists -----------------------------------------------------------------------------------------------------------


def listing(community_id: UUID, *, activity_id: UUID | None, all_of_it: bool) -> Listing:
    """A community's contests, the latest to open first; drafts, and those whose activity is not announced, for who sees all."""
    found = [col(Contest.community_id) == community_id]
    if activity_id is not None:
        found.append(col(Contest.activity_id) == activity_id)
    statement = select(Contest)
    if not all_of_it:
        statement = statement.join(Activity, col(Activity.id) == col(Contest.activity_id))
        found += [col(Contest.status) != "draft", col(Activity.announced_at).is_not(None)]
    return Listing(statement.where(*found), [col(Contest.opens_at).desc(), col(Contest.id).desc()])


def teams(contest_id: UUID) -> Listing:
    """The teams of a contest in the order in which they were formed."""
    found = select(_TEAM).where(col(_TEAM.contest_id) == contest_id)
    return Listing(found, [col(_TEAM.created_at).asc(), col(_TEAM.id).asc()])


def attempts(contest_id: UUID) -> Listing:
    """The attempts of a contest in the order of their ids."""
    return Listing(select(_ATTEMPT).where(col(_ATTEMPT.contest_id) == contest_id), [col(_ATTEMPT.id).asc()])


def board(contest_id: UUID, *, final: bool) -> Listing:
    """The lines of a board from the first place on: at the end by what everybody has come to, before by what others see of it."""
    of_contest = select(_WHO).where(col(_WHO.contest_id) == contest_id)
    if final:
        return Listing(of_contest, [col(_WHO.score).desc(), col(_WHO.reached_at).asc(), col(_WHO.id).asc()])
    return Listing(
        of_contest.where(col(_WHO.on_board)),
        [col(_WHO.board_score).desc(), col(_WHO.board_reached_at).asc(), col(_WHO.id).asc()],
    )


def regrades(contest_id: UUID) -> Listing:
    """The corrections of a contest, the newest first."""
    return Listing(
        select(ContestRegrade).where(col(ContestRegrade.contest_id) == contest_id), [col(ContestRegrade.id).desc()]
    )


def regrade_lines(regrade_id: UUID) -> Listing:
    """Whose marks a correction changes."""
    return Listing(
        select(ContestRegradeLine).where(col(ContestRegradeLine.regrade_id) == regrade_id),
        [col(ContestRegradeLine.attempt_id).asc()],
    )


async def of_activities(session: AsyncSession, activity_ids: Collection[UUID]) -> Sequence[Contest]:
    """The contests of these activities, locked."""
    if not activity_ids:
        return []
    found = select(Contest).where(among(session, col(Contest.activity_id), activity_ids)).order_by(col(Contest.id))
    locked = found.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


# --- places on the board ---------------------------------------------------------------------------------------------


def _above(final: bool) -> Prepared[Any]:
    score = col(_WHO.score) if final else col(_WHO.board_score)
    reached_at = col(_WHO.reached_at) if final else col(_WHO.board_reached_at)
    given_score: Any = bindparam("score")
    given_at: Any = bindparam("reached_at", type_=_WHO.__table__.c.reached_at.type)  # type: ignore[attr-defined]
    better = or_(score > given_score, and_(score == given_score, reached_at < given_at))
    equal = and_(score == given_score, reached_at == given_at, col(_WHO.id) < bindparam("key"))
    rows = select(func.count().filter(better), func.count()).where(
        col(_WHO.contest_id) == bindparam("contest_id"), or_(better, equal)
    )
    return Prepared(rows if final else rows.where(col(_WHO.on_board)))


_ABOVE = {final: _above(final) for final in (False, True)}


async def above(session: AsyncSession, who: ContestCompetitor, *, final: bool) -> tuple[int, int]:
    """How many have a better place than a line, and how many stand above it, those with the same place too."""
    row = await _ABOVE[final].one(
        session,
        contest_id=who.contest_id,
        score=who.score if final else who.board_score,
        reached_at=who.reached_at if final else who.board_reached_at,
        key=who.id,
    )
    return int(row[0]), int(row[1])


_COMPETITOR: Prepared[ContestCompetitor] = Prepared(
    select(_WHO).where(col(_WHO.contest_id) == bindparam("contest_id"), col(_WHO.who_id) == bindparam("who_id"))
)


async def competitor(
    session: AsyncSession, contest_id: UUID, who_id: UUID, *, lock: bool = False
) -> ContestCompetitor | None:
    """The line of a member or a team."""
    if not lock:
        return await _COMPETITOR.first(session, contest_id=contest_id, who_id=who_id)
    one = select(_WHO).where(col(_WHO.contest_id) == contest_id, col(_WHO.who_id) == who_id)
    row = await session.execute(one.with_for_update().execution_options(populate_existing=True))
    return row.scalar_one_or_none()


_COUNT: Prepared[int] = Prepared(
    select(func.count()).select_from(_WHO).where(col(_WHO.contest_id) == bindparam("contest_id"))
)


async def how_many(session: AsyncSession, contest_id: UUID) -> int:
    """How many lines there are at the end."""
    return int(await _COUNT.one(session, contest_id=contest_id))


async def next_lines(
    session: AsyncSession, contest_id: UUID, after: tuple[int, datetime, UUID] | None, most: int
) -> Sequence[ContestCompetitor]:
    """The next lines of the standings, locked."""
    found = board(contest_id, final=True)
    page = found.page(most, after).with_for_update().execution_options(populate_existing=True)
    return [row[0] for row in (await session.execute(page)).all()]


# --- attempts and teams ------------------------------------------------------------------------------------------------

_ATTEMPT_OF: Prepared[ContestAttempt] = Prepared(
    select(_ATTEMPT).where(
        col(_ATTEMPT.contest_id) == bindparam("contest_id"), col(_ATTEMPT.member_id) == bindparam("member_id")
    )
)


async def attempt_of(
    session: AsyncSession, contest_id: UUID, member_id: UUID, *, lock: bool = False
) -> ContestAttempt | None:
    """A member's attempt."""
    if not lock:
        return await _ATTEMPT_OF.first(session, contest_id=contest_id, member_id=member_id)
    one = select(_ATTEMPT).where(col(_ATTEMPT.contest_id) == contest_id, col(_ATTEMPT.member_id) == member_id)
    row = await session.execute(one.with_for_update().execution_options(populate_existing=True))
    return row.scalar_one_or_none()


_ANSWERS: Prepared[Any] = Prepared(
    lambda on: select(ContestAnswer).where(on.among(col(ContestAnswer.attempt_id), "attempt_ids"))
)


async def answers_of(session: AsyncSession, attempt_ids: Collection[UUID]) -> dict[UUID, dict[UUID, ContestAnswer]]:
    """The answers of attempts, by attempt and question."""
    found: dict[UUID, dict[UUID, ContestAnswer]] = {one: {} for one in attempt_ids}
    for row in await _ANSWERS.all(session, attempt_ids=list(attempt_ids)):
        found[row.attempt_id][row.question_id] = row
    return found


async def due(session: AsyncSession, contest_id: UUID, now: datetime, most: int) -> Sequence[ContestAttempt]:
    """The next attempts whose time is over and that nobody handed in, locked."""
    over = (
        select(_ATTEMPT)
        .where(
            col(_ATTEMPT.contest_id) == contest_id, col(_ATTEMPT.handed_in_at).is_(None), col(_ATTEMPT.ends_at) <= now
        )
        .order_by(col(_ATTEMPT.ends_at), col(_ATTEMPT.id))
        .limit(most)
    )
    locked = over.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


_NEXT_END: Prepared[datetime | None] = Prepared(
    select(func.min(col(_ATTEMPT.ends_at))).where(
        col(_ATTEMPT.contest_id) == bindparam("contest_id"), col(_ATTEMPT.handed_in_at).is_(None)
    )
)


async def next_end(session: AsyncSession, contest_id: UUID) -> datetime | None:
    """When the next attempt ends by itself."""
    return await _NEXT_END.one(session, contest_id=contest_id)


async def next_attempts(session: AsyncSession, contest_id: UUID, after: UUID, most: int) -> Sequence[ContestAttempt]:
    """The next attempts by their ids, locked."""
    found = (
        select(_ATTEMPT)
        .where(col(_ATTEMPT.contest_id) == contest_id, col(_ATTEMPT.id) > after)
        .order_by(col(_ATTEMPT.id))
        .limit(most)
    )
    locked = found.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


_MATES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(_IN_TEAM.team_id),
            col(_IN_TEAM.member_id),
            col(_ATTEMPT.score),
            col(_ATTEMPT.reached_at),
            col(_ATTEMPT.handed_in_at),
            col(_ATTEMPT.id),
        )
        .select_from(_IN_TEAM)
        .outerjoin(
            _ATTEMPT,
            and_(
                col(_ATTEMPT.contest_id) == col(_IN_TEAM.contest_id),
                col(_ATTEMPT.member_id) == col(_IN_TEAM.member_id),
            ),
        )
        .where(on.among(col(_IN_TEAM.team_id), "team_ids"))
        .order_by(col(_IN_TEAM.member_id))
    )
)


async def mates(session: AsyncSession, team_ids: Collection[UUID]) -> dict[UUID, list[Any]]:
    """Everybody in these teams, with what they have come to: rows of `member_id`, `score`, `reached_at`, `handed_in_at`, `id` of the attempt."""
    found: dict[UUID, list[Any]] = {one: [] for one in team_ids}
    if team_ids:
        for row in await _MATES.all(session, team_ids=list(team_ids)):
            found[row.team_id].append(row)
    return found


_TEAM_OF: Prepared[ContestTeam] = Prepared(
    select(_TEAM)
    .join(_IN_TEAM, col(_IN_TEAM.team_id) == col(_TEAM.id))
    .where(col(_IN_TEAM.contest_id) == bindparam("contest_id"), col(_IN_TEAM.member_id) == bindparam("member_id"))
)


async def team_of(session: AsyncSession, contest_id: UUID, member_id: UUID) -> ContestTeam | None:
    """The team in which a member is."""
    return await _TEAM_OF.first(session, contest_id=contest_id, member_id=member_id)


async def together(session: AsyncSession, contest_id: UUID, one: UUID | None, other: UUID) -> bool:
    """Whether two members are in one team of a contest."""
    team = None if one is None else await team_of(session, contest_id, one)
    return team is not None and team == await team_of(session, contest_id, other)


async def competes(session: AsyncSession, contest_id: UUID, member_id: UUID) -> bool:
    """Whether what comes of a contest is a member's, too: they have begun, or are in a team."""
    if await attempt_of(session, contest_id, member_id) is not None:
        return True
    return await team_of(session, contest_id, member_id) is not None


_TEAMS: Prepared[ContestTeam] = Prepared(lambda on: select(_TEAM).where(on.among(col(_TEAM.id), "ids")))


async def teams_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ContestTeam]:
    """Teams by their ids."""
    return {one.id: one for one in await _TEAMS.all(session, ids=list(ids))} if ids else {}


async def taken(session: AsyncSession, contest_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these is in a team of the contest already."""
    return set(await _TAKEN.all(session, contest_id=contest_id, member_ids=list(member_ids)))


_TAKEN: Prepared[UUID] = Prepared(
    lambda on: select(col(_IN_TEAM.member_id)).where(
        col(_IN_TEAM.contest_id) == bindparam("contest_id"), on.among(col(_IN_TEAM.member_id), "member_ids")
    )
)
_EXTRA: Prepared[int] = Prepared(
    select(col(ContestExtraTime.minutes)).where(
        col(ContestExtraTime.contest_id) == bindparam("contest_id"),
        col(ContestExtraTime.member_id) == bindparam("member_id"),
    )
)


async def extra_minutes(session: AsyncSession, contest_id: UUID, member_id: UUID) -> int:
    """How much more time a member was given."""
    return await _EXTRA.first(session, contest_id=contest_id, member_id=member_id) or 0


# --- corrections -------------------------------------------------------------------------------------------------------

_UNDER_WAY: Prepared[UUID] = Prepared(
    select(col(ContestRegrade.id)).where(
        col(ContestRegrade.contest_id) == bindparam("contest_id"),
        col(ContestRegrade.status).in_(["trying", "tried", "grading"]),
    )
)


async def under_way(session: AsyncSession, contest_id: UUID) -> bool:
    """Whether a correction of the contest is not decided yet."""
    return await _UNDER_WAY.first(session, contest_id=contest_id) is not None
