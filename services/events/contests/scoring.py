"""What attempts and teams come to, kept with each answer: only what was saved is graded, and nothing is counted over the contest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.grading import total
from services.events.contests import queries
from services.events.contests.access import times_of
from services.events.contests.models import Contest, ContestAnswer, ContestAttempt, ContestCompetitor
from services.events.contests.rules import NO_MARKS, Part, shown_on_board, team_result


def result_of(answers: Iterable[ContestAnswer]) -> tuple[int, datetime | None]:
    """What answers come to, and when the last of those was received that brought marks."""
    listed = list(answers)
    score = total(one.marks for one in listed)
    scoring = [one.received_at for one in listed if one.marks > 0]
    return score, max(scoring, default=None) if score else None


async def put_on_board(
    session: AsyncSession,
    contest: Contest,
    attempts: Mapping[UUID, Collection[ContestAttempt]],
    lines: Collection[ContestCompetitor],
    *,
    shown: bool,
) -> None:
    """Write to locked lines of the board what their attempts, which have just changed, come to.

    `attempts`: those that changed, by line. `shown`: whether others see it before the end, because the board is not frozen.
    """
    teams: dict[UUID, list[Any]] = {}
    if contest.team_size is not None:
        await session.flush()
        teams = await queries.mates(session, [one.who_id for one in lines])
    for one in lines:
        own = attempts[one.id]
        now, seen = _of_team(contest, teams[one.who_id]) if teams else _alone(contest, next(iter(own)))
        one.score, one.reached_at = now
        if shown and seen is not None:
            one.on_board = True
            one.board_score, one.board_reached_at = seen


Reached = tuple[int, datetime]


def _alone(contest: Contest, attempt: ContestAttempt) -> tuple[Reached, Reached | None]:
    now = (attempt.score, attempt.reached_at or NO_MARKS)
    return now, now if contest.answers_final or attempt.handed_in_at is not None else None


def _of_team(contest: Contest, mates: Sequence[Any]) -> tuple[Reached, Reached | None]:
    """What a team comes to, and what of it others see: where answers may change, only what was handed in before the freeze."""
    began = [one for one in mates if one.id is not None]
    now = team_result(contest.team_score, [_part(one) for one in began], len(mates))
    if contest.answers_final:
        return now, now
    times = times_of(contest)
    seen = [one for one in began if one.handed_in_at is not None and shown_on_board(times, one.handed_in_at)]
    return now, team_result(contest.team_score, [_part(one) for one in seen], len(mates)) if seen else None


def _part(row: Any) -> Part:
    return Part(row.score, row.reached_at)
