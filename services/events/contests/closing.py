"""How a contest ends: what nobody handed in is handed in by the clock, and who stands where is told, 500 at a time.

What is told is dated when results were released, and until then nothing of a contest leaves this service: whoever follows messages,
points, figures or an inbox learns no more than the board shows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.messaging.outbox import Outgoing, emit_many, id_of
from chassis.timers import Late, Timer, Timers, again, schedule
from contracts.events import ContestFinished, ContestRegraded, ContestStanding
from services.events.contests import queries
from services.events.contests.access import times_of
from services.events.contests.models import Contest, ContestAttempt, ContestCompetitor, ContestStandings
from services.events.contests.rules import TOGETHER, lines_together, prize_rank, ranks, shown_on_board
from services.events.contests.scoring import put_on_board

HAND_IN: Final = "contest.hand_in"
FINISH: Final = "contest.finish"
_OFTEN: Final = timedelta(seconds=5)
"""How often the clock hands in at most: attempts that were begun one after the other end so."""

timers = Timers()


@timers.on(HAND_IN, late=Late.ENDING)
async def hand_in_by_itself(session: AsyncSession, timer: Timer) -> None:
    """Hand in what is over, as of its end, and come again for what ends next."""
    contest = await session.get(Contest, timer.subject_id)
    if contest is None or contest.status != "set":
        return
    if await hand_in_due(session, contest, timer.now):
        await again(session, timer)
        return
    following = await queries.next_end(session, contest.id)
    if following is None:
        if timer.now >= contest.closes_at:
            return
        # Nobody who begins from now on is at an end before.
        following = min(contest.closes_at, timer.now + timedelta(minutes=contest.minutes))
    await schedule(session, HAND_IN, contest.id, max(following, timer.now + _OFTEN))


async def hand_in_due(session: AsyncSession, contest: Contest, now: datetime) -> bool:
    """Hand in the next attempts whose time is over; whether there may be more."""
    over = await queries.due(session, contest.id, now, TOGETHER)
    if not over:
        return False
    for one in over:
        one.handed_in_at, one.handed_in_by = one.ends_at, "clock"
    await session.flush()
    if not contest.answers_final:
        # Where answers are final each was counted when it came.
        shown = [one for one in over if shown_on_board(times_of(contest), one.ends_at)]
        await count_again(session, contest, shown, shown=True)
    return len(over) == TOGETHER


async def count_again(
    session: AsyncSession, contest: Contest, attempts: Sequence[ContestAttempt], *, shown: bool
) -> None:
    """Write the lines of attempts that have just changed; `shown` as in `put_on_board`."""
    if not attempts:
        return
    by_line: dict[UUID, list[ContestAttempt]] = defaultdict(list)
    for one in attempts:
        by_line[one.competitor_id].append(one)
    lines = select(ContestCompetitor).where(among(session, col(ContestCompetitor.id), by_line))
    locked = lines.order_by(col(ContestCompetitor.id)).with_for_update().execution_options(populate_existing=True)
    await put_on_board(session, contest, by_line, (await session.execute(locked)).scalars().all(), shown=shown)
    await session.flush()


@timers.on(FINISH, late=Late.ENDING)
async def finish(session: AsyncSession, timer: Timer) -> None:
    """Do the next piece of what ends a contest, and come again until all is told."""
    contest = await session.get(Contest, timer.subject_id, with_for_update=True, populate_existing=True)
    if contest is None or contest.status != "set":
        return
    at = times_of(contest).released_at
    if at > timer.now:
        # Somebody was given time meanwhile.
        await schedule(session, FINISH, contest.id, at)
        return
    if await hand_in_due(session, contest, timer.now) or await tell_standings(session, contest, at):
        await again(session, timer)
        return
    contest.sqlmodel_update({"status": "over", "finished_at": at, "version": contest.version + 1})


async def tell_standings(session: AsyncSession, contest: Contest, at: datetime, *, prizes_kept: bool = True) -> bool:
    """Tell the next part of who stands where, of a locked contest; whether there may be more."""
    each = lines_together(contest.team_size)
    if contest.told == 0:
        count = await queries.how_many(session, contest.id)
        contest.standings_parts = -(-count // each)
    if contest.told // each >= contest.standings_parts:
        contest.sqlmodel_update({"told": 0, "told_after": None})
        return False
    last = _after(contest.told_after)
    rows = await queries.next_lines(session, contest.id, last and (last[0], last[1], last[3]), each)
    above = last and (last[0], last[1], last[2])
    places = list(ranks(((one.score, one.reached_at) for one in rows), before=contest.told, last=above))
    who = await _members(session, contest, rows)
    lines = []
    for row, rank in zip(rows, places, strict=True):
        lines.append(_line(contest, row, rank, who[row.id], prizes_kept=prizes_kept))
    part = contest.told // each + 1
    kept = ContestStandings(
        contest_id=contest.id,
        revision=contest.revision,
        part=part,
        of=contest.standings_parts,
        lines=lines,
        told_at=at,
    )
    session.add(kept)
    if rows:
        end, place = rows[-1], places[-1]
        contest.told_after = [end.score, end.reached_at.isoformat(), place, str(end.id)]
    contest.told += each
    await session.flush()
    await emit_many(session, [outgoing(contest, kept)])
    return True


def outgoing(contest: Contest, kept: ContestStandings, *, backfill: bool | None = None) -> Outgoing:
    """A part of the standings as it is told, by an id that follows from what it tells of."""
    kind = ContestRegraded if kept.revision else ContestFinished
    message = kind(
        community_id=contest.community_id,
        activity_id=contest.activity_id,
        contest_id=contest.id,
        revision=kept.revision,
        standings=tuple(ContestStanding.model_validate(one) for one in kept.lines),
        part=kept.part,
        of=kept.of,
    )
    return Outgoing(message, 1, kept.told_at, backfill=backfill, id=id_of(UUID(message.subject()), 1))


async def _members(
    session: AsyncSession, contest: Contest, rows: Sequence[ContestCompetitor]
) -> dict[UUID, list[UUID]]:
    """Who took part, by line: of a team those who began."""
    if contest.team_size is None:
        return {one.id: [one.who_id] for one in rows}
    teams = await queries.mates(session, [one.who_id for one in rows])
    return {one.id: [mate.member_id for mate in teams[one.who_id] if mate.id] for one in rows}


def _line(
    contest: Contest, row: ContestCompetitor, rank: int, members: list[UUID], *, prizes_kept: bool
) -> dict[str, Any]:
    """A line as it is told, noted in its row: what it was before is told where it was otherwise."""
    prize = prize_rank(row.prize_rank, rank, kept=prizes_kept)
    if prize != row.prize_rank:
        row.prize_rank, row.prize_since = prize, contest.revision
    before = (row.told_rank, row.told_score)
    line: dict[str, Any] = {"rank": rank, "member_ids": [str(one) for one in members], "score": row.score}
    line |= {"prize_rank": prize, "prize_since": row.prize_since}
    if contest.team_size is not None:
        line["team_id"] = str(row.who_id)
    if row.told_rank is not None and before != (rank, row.score):
        line |= {"rank_before": row.told_rank, "score_before": row.told_score}
    row.told_rank, row.told_score = rank, row.score
    return line


def _after(kept: list[Any] | None) -> tuple[int, datetime, int, UUID] | None:
    if kept is None:
        return None
    score, reached_at, rank, key = kept
    return score, datetime.fromisoformat(reached_at).astimezone(UTC), rank, UUID(key)
