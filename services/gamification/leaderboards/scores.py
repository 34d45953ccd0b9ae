"""The scores of members in windows: what is added, when it was reached, and who is listed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select, text, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.database.statements import Prepared, is_postgres
from chassis.moments import Calendars
from services.gamification.base import known
from services.gamification.leaderboards.models import BoardScore
from services.gamification.leaderboards.windows import Day, Place
from services.gamification.ledger.occasions import XpChange
from services.gamification.ledger.queries import Span, latest_counting_xp

SCORES: Table = BoardScore.__table__  # type: ignore[attr-defined]

_NOTHING_COUNTS = datetime(1970, 1, 1, tzinfo=UTC)
"""Earlier than any entry: the next one that counts, however late it arrives, is the latest."""

_ADD_ON_POSTGRES = text(
    """
    INSERT INTO board_scores AS kept (window_id, member_id, deficit, reached_at, listed, cohort_id, department)
    SELECT place.window_id, entry.member_id, -sum(entry.amount), max(entry.reached_at),
        entry.member_id <> ALL (CAST(:unlisted AS uuid[])), member.cohort_id, person.department_code
    FROM unnest(CAST(:place_days AS integer[]), CAST(:window_ids AS uuid[])) AS place (day, window_id)
    JOIN unnest(
        CAST(:days AS integer[]), CAST(:member_ids AS uuid[]), CAST(:amounts AS integer[]),
        CAST(:moments AS timestamptz[])
    ) AS entry (day, member_id, amount, reached_at) USING (day)
    LEFT JOIN known_members AS member ON member.id = entry.member_id
    LEFT JOIN known_people AS person ON person.id = member.person_id
    GROUP BY place.window_id, entry.member_id, member.cohort_id, person.department_code
    ORDER BY place.window_id, entry.member_id
    ON CONFLICT (window_id, member_id) DO UPDATE
    SET deficit = kept.deficit + excluded.deficit, reached_at = greatest(kept.reached_at, excluded.reached_at),
        cohort_id = excluded.cohort_id, department = excluded.department
    """
)
"""A member's sum of a day is sent once and entered in each window of the day, in one order for every batch, or two of them
could wait for each other."""


@dataclass(slots=True)
class Sum:
    """What a member earned on a day: `reached_at` is the last moment of it."""

    amount: int
    reached_at: datetime
    taken_back: bool


Sums = Mapping[Day, Mapping[UUID, Sum]]
"""What each member earned on each day."""
OpenPlaces = Mapping[Day, Sequence[tuple[UUID, Place]]]
"""The windows in which a day counts and which still take entries, with their ids."""


def sums_of(changes: Sequence[XpChange], calendars: Mapping[UUID, Calendars]) -> dict[Day, dict[UUID, Sum]]:
    """What changed, by day and member."""
    sums: defaultdict[Day, dict[UUID, Sum]] = defaultdict(dict)
    for change in changes:
        members = sums[Day(change.community_id, calendars[change.community_id].day_of(change.occurred_at))]
        total = members.get(change.member_id)
        if total is None:
            members[change.member_id] = Sum(change.amount, change.occurred_at, change.amount < 0)
        else:
            total.amount += change.amount
            total.reached_at = max(total.reached_at, change.occurred_at)
            total.taken_back |= change.amount < 0
    return sums


async def add(session: AsyncSession, sums: Sums, places: OpenPlaces, unlisted: Collection[UUID]) -> None:
    """Add members' sums to their scores in the windows. Those who are `unlisted` and new there do not stand there."""
    if is_postgres(session):
        await _add_on_postgres(session, sums, places, unlisted)
    else:
        await _add_on_sqlite(session, sums, places, unlisted)


_AMONG_WHOM: Prepared[Any] = Prepared(
    lambda on: (
        select(known.members.c.id, known.members.c.cohort_id, known.people.c.department_code)
        .select_from(known.members.outerjoin(known.people, known.people.c.id == known.members.c.person_id))
        .where(on.among(known.members.c.id, "ids"))
    )
)
_THIS = (SCORES.c.window_id == bindparam("window"), SCORES.c.member_id == bindparam("member"))
_STAND: Prepared[Any] = Prepared(
    update(SCORES)
    .where(*_THIS)
    .values(listed=bindparam("stands"), cohort_id=bindparam("cohort"), department=bindparam("of_department"))
)
_REACHED: Prepared[Any] = Prepared(update(SCORES).where(*_THIS).values(reached_at=bindparam("moment")))
_STANDS: Prepared[Any] = Prepared(update(SCORES).where(*_THIS).values(listed=bindparam("stands")))


async def reach_anew(session: AsyncSession, fallen: Sequence[tuple[UUID, Place, UUID]]) -> None:
    """After something was taken back: when the latest entry happened that still counts."""
    spans = {
        (window_id, member_id): Span(member_id, place.from_at, place.to_at) for window_id, place, member_id in fallen
    }
    if not spans:
        return
    latest = await latest_counting_xp(session, list(set(spans.values())))
    moved = [
        {"window": window_id, "member": member_id, "moment": latest.get(span, _NOTHING_COUNTS)}
        for (window_id, member_id), span in spans.items()
    ]
    await _REACHED.run_many(session, moved)


async def say_listed(session: AsyncSession, listed: Mapping[tuple[UUID, UUID], bool]) -> None:
    """Say of members in windows whether they stand there."""
    rows = [{"window": window, "member": member, "stands": stands} for (window, member), stands in listed.items()]
    await _STANDS.run_many(session, sorted(rows, key=lambda row: (row["window"], row["member"])))


class Stand(NamedTuple):
    """How a member stands in a window: whether at all, and among whom."""

    listed: bool
    cohort_id: UUID | None
    department: str | None


async def say_stand(session: AsyncSession, stands: Mapping[tuple[UUID, UUID], Stand]) -> None:
    """Say of members in windows how they stand there."""
    rows = [
        {
            "window": window,
            "member": member,
            "stands": stand.listed,
            "cohort": stand.cohort_id,
            "of_department": stand.department,
        }
        for (window, member), stand in stands.items()
    ]
    await _STAND.run_many(session, sorted(rows, key=lambda row: (row["window"], row["member"])))


async def _add_on_postgres(session: AsyncSession, sums: Sums, places: OpenPlaces, unlisted: Collection[UUID]) -> None:
    entries = [
        (number, member_id, total.amount, total.reached_at)
        for number, members in enumerate(sums.values())
        for member_id, total in members.items()
    ]
    windows = [(number, window_id) for number, day in enumerate(sums) for window_id, _ in places[day]]
    if not windows:
        return
    parameters = dict(zip(("days", "member_ids", "amounts", "moments"), zip(*entries, strict=True), strict=True))
    parameters |= dict(zip(("place_days", "window_ids"), zip(*windows, strict=True), strict=True))
    await session.execute(_ADD_ON_POSTGRES, parameters | {"unlisted": list(unlisted)})


async def _add_on_sqlite(session: AsyncSession, sums: Sums, places: OpenPlaces, unlisted: Collection[UUID]) -> None:
    among_whom = {
        row[0]: row for row in await _AMONG_WHOM.all(session, ids=[one for day in sums.values() for one in day])
    }
    rows = [
        {
            "window_id": window_id,
            "member_id": member_id,
            "cohort_id": among_whom[member_id][1] if member_id in among_whom else None,
            "department": among_whom[member_id][2] if member_id in among_whom else None,
            "deficit": -total.amount,
            "reached_at": total.reached_at,
            "listed": member_id not in unlisted,
        }
        for day, members in sums.items()
        for window_id, _ in places[day]
        for member_id, total in members.items()
    ]
    await merge_many(session, SCORES, rows, _adding)


def _adding(scores: Table, added: Any, _: Sequence[str]) -> Any:
    return added.on_conflict_do_update(
        index_elements=[scores.c.window_id, scores.c.member_id],
        set_={
            "deficit": scores.c.deficit + added.excluded.deficit,
            "reached_at": func.max(scores.c.reached_at, added.excluded.reached_at),
            "cohort_id": added.excluded.cohort_id,
            "department": added.excluded.department,
        },
    )
