"""HTTP of leaderboards."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints

from chassis.projections.members import embedded
from chassis.web.dependencies import CallerDep, Localised, Now, Reading
from chassis.web.operations import api_router, operation
from chassis.web.pages import PageQuery
from chassis.web.values import Day
from services.gamification.leaderboards.board import part_of, read_board
from services.gamification.leaderboards.queries import levels_of
from services.gamification.leaderboards.rules import Period
from services.gamification.leaderboards.schemas import (
    MEASURE,
    PERIOD,
    LeaderboardPublic,
    LevelPublic,
    Measure,
    OwnPlace,
    PeriodPublic,
    Place,
)
from services.gamification.permissions import STANDING_READ

router = api_router(tags=["Leaderboards"])


@router.get("/v1/leaderboards")
@operation(permission=STANDING_READ)
async def read_leaderboard(
    community_id: UUID,
    caller: CallerDep,
    session: Reading,
    now: Now,
    locale: Localised,
    page: PageQuery,
    period: Annotated[Period, PERIOD] = Period.WEEK,
    on: Annotated[
        Day | None, Query(description="Any day of the window, in the community's time zone; by default today.")
    ] = None,
    measure: Annotated[Measure, MEASURE] = "xp",
    cohort_id: Annotated[
        UUID | None, Query(description="Only members of this cohort; neither with `department` nor with `group_id`.")
    ] = None,
    department: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=64)] | None,
        Query(description="Only people of the department of this code, not of those below it."),
    ] = None,
    group_id: Annotated[
        UUID | None,
        Query(description="Only who belongs to this group; neither with `cohort_id` nor with `department`."),
    ] = None,
    around: Annotated[
        UUID | None,
        Query(description="A member's id. The page shows the places around this member; 404 if they have none there."),
    ] = None,
) -> LeaderboardPublic:
    """Read a leaderboard: who earned the most xp in a day, a week (from Monday), a month, a season, or of all time.

    A deed counts in the window in which it was done. A window accepts late entries until 24 h after its end, and is then
    frozen. Members who left are not listed. Cohorts and departments are what members have now, and on a frozen board what they had
    when it froze; who belongs to a group is who belongs to it now, on frozen boards too. 404 if the day is of no season, or the
    community has no such group.
    """
    board = await read_board(
        session,
        caller=caller,
        community_id=community_id,
        period=period,
        part=part_of(cohort_id, department, group_id),
        group_id=group_id,
        on=on,
        around=around,
        page=page,
        now=now,
    )
    ids = [place.member_id for place in board.places]
    members = await embedded(session, ids)
    levels = await levels_of(session, community_id, ids, now)
    bounded = board.window.to_day is not None
    return LeaderboardPublic(
        period=PeriodPublic(kind=period, from_=board.window.from_day if bounded else None, to=board.window.to_day),
        measure=measure,
        state="frozen" if board.frozen else "live",
        as_of=board.as_of,
        items=[
            Place(
                rank=place.rank,
                member=members[place.member_id],
                score=place.score,
                level=LevelPublic(
                    code=levels[place.member_id].code,
                    name=levels[place.member_id].name(locale),
                    position=levels[place.member_id].position,
                ),
            )
            for place in board.places
        ],
        me=OwnPlace(rank=board.me.rank, percentile=board.me.percentile, score=board.me.score) if board.me else None,
        next=board.next,
        total=board.total,
    )
