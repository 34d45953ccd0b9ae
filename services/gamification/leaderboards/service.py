"""Keeping the boards: scores follow the ledger in its own transaction, and windows freeze by the clock."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, delete, func, select, text, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new, merge_many
from chassis.database.statements import Prepared, is_postgres
from chassis.ids import new_id
from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from chassis.timers import Timer, Timers
from services.gamification.base import known
from services.gamification.earning.occasions import DaysMoved
from services.gamification.leaderboards.absences import absences_of
from services.gamification.leaderboards.models import RANKED, BoardScore, BoardWindow
from services.gamification.leaderboards.rules import Period, Window, bounds, freezes_at, is_frozen, windows_of
from services.gamification.ledger.occasions import XpChange, XpMoved
from services.gamification.ledger.queries import Span, latest_counting_xp, xp_since

timers = Timers()

_NOTHING_COUNTS = datetime(1970, 1, 1, tzinfo=UTC)
"""Earlier than any entry: the next one that counts, however late it arrives, is the latest."""
_WIDEST = timedelta(hours=27)
"""No zone's day begins further from UTC's: 14 hours of zone and half a day of `day_starts_at` at most, and daylight saving."""

_SCORES: Table = BoardScore.__table__  # type: ignore[attr-defined]
_WINDOWS: Table = BoardWindow.__table__  # type: ignore[attr-defined]

_ADD_ON_POSTGRES = text(
    """
    INSERT INTO board_scores AS kept (window_id, member_id, deficit, reached_at, listed)
    SELECT place.window_id, entry.member_id, -sum(entry.amount), max(entry.reached_at),
        entry.member_id <> ALL (CAST(:unlisted AS uuid[]))
    FROM unnest(CAST(:place_days AS integer[]), CAST(:window_ids AS uuid[])) AS place (day, window_id)
    JOIN unnest(
        CAST(:days AS integer[]), CAST(:member_ids AS uuid[]), CAST(:amounts AS integer[]),
        CAST(:moments AS timestamptz[])
    ) AS entry (day, member_id, amount, reached_at) USING (day)
    GROUP BY place.window_id, entry.member_id
    ORDER BY place.window_id, entry.member_id
    ON CONFLICT (window_id, member_id) DO UPDATE
    SET deficit = kept.deficit + excluded.deficit, reached_at = greatest(kept.reached_at, excluded.reached_at)
    """
)
"""A member's sum of a day is sent once and entered in each window of the day, in one order for every batch, or two of them
could wait for each other."""


@dataclass(slots=True)
class _Sum:
    amount: int
    reached_at: datetime
    taken_back: bool


class _Day(NamedTuple):
    """One day of one community."""

    community_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class _Place:
    """A window of one community, with the moments between which it lies."""

    community_id: UUID
    window: Window
    from_at: datetime | None
    to_at: datetime | None


_Sums = Mapping[_Day, Mapping[UUID, _Sum]]
"""What each member earned on each day."""
_Places = Mapping[_Day, Sequence[_Place]]
"""The windows in which a day counts."""


async def enter_on_boards(session: AsyncSession, moved: XpMoved) -> None:
    """Add what was earned to every window it happened in, and take off what was taken back.

    Windows already frozen stay as they are. Set-based: the number of statements does not grow with the batch.
    """
    calendars = await calendars_of(session, {change.community_id for change in moved.changes})
    sums = _sums(moved.changes, calendars)
    await _enter(session, sums, _places(sums, calendars), moved.now)


async def _enter(session: AsyncSession, sums: _Sums, places: _Places, now: datetime) -> None:
    if not sums:
        return
    ids = await _open_windows(session, {place for day in sums for place in places[day]}, now)
    open_places = {day: [(ids[place], place) for place in places[day] if place in ids] for day in sums}
    absences = await absences_of(session, {member_id for members in sums.values() for member_id in members})
    if is_postgres(session):
        await _add_on_postgres(session, sums, open_places, absences.gone)
    else:
        await _add_on_sqlite(session, sums, open_places, absences.gone)
    await _list(
        session,
        {
            (window_id, member_id): False
            for day, members in sums.items()
            for member_id in members.keys() & absences.terms.keys()
            for window_id, place in open_places[day]
            if absences.hide(member_id, place.from_at, place.to_at)
        },
    )
    await _reach_anew(
        session,
        [
            (window_id, place, member_id)
            for day, members in sums.items()
            for member_id, total in members.items()
            if total.taken_back
            for window_id, place in open_places[day]
        ],
    )


def _sums(changes: Sequence[XpChange], calendars: Mapping[UUID, Calendars]) -> dict[_Day, dict[UUID, _Sum]]:
    sums: defaultdict[_Day, dict[UUID, _Sum]] = defaultdict(dict)
    for change in changes:
        members = sums[_Day(change.community_id, calendars[change.community_id].day_of(change.occurred_at))]
        total = members.get(change.member_id)
        if total is None:
            members[change.member_id] = _Sum(change.amount, change.occurred_at, change.amount < 0)
        else:
            total.amount += change.amount
            total.reached_at = max(total.reached_at, change.occurred_at)
            total.taken_back |= change.amount < 0
    return sums


def _places(days: Iterable[_Day], calendars: Mapping[UUID, Calendars]) -> dict[_Day, list[_Place]]:
    # One place a window, also where the community's zone changed within it: a score is one row.
    made: dict[tuple[UUID, Window], _Place] = {}
    found: dict[_Day, list[_Place]] = {}
    for day in days:
        found[day] = []
        for window in windows_of(day.day):
            key = (day.community_id, window)
            if key not in made:
                made[key] = _Place(day.community_id, window, *_bounds(window, calendars[day.community_id]))
            found[day].append(made[key])
    return found


def _bounds(window: Window, calendars: Calendars) -> tuple[datetime | None, datetime | None]:
    """Its beginning by the calendar that the community had then, and its end by the one it had then."""
    if window.to_day is None:
        return None, None

    def edge(side: int) -> datetime:
        last = calendars.at(datetime.max.replace(tzinfo=UTC))
        guess = bounds(window, time_zone=last.time_zone, day_starts_at=last.day_starts_at)[side]
        assert guess is not None  # noqa: S101 - a window with a last day has both
        then = calendars.at(guess)
        return bounds(window, time_zone=then.time_zone, day_starts_at=then.day_starts_at)[side] or guess

    return edge(0), edge(1)


async def _open_windows(session: AsyncSession, places: Collection[_Place], now: datetime) -> dict[_Place, UUID]:
    """The ids of the windows that still take entries; those not seen before are made."""
    wanted = {(place.community_id, place.window): place for place in places}
    known_windows = await _windows(session, wanted)
    missing = [place for key, place in wanted.items() if key not in known_windows]
    if missing:
        rows = [
            {
                "id": new_id(),
                "community_id": place.community_id,
                "period": place.window.period.value,
                "from_day": place.window.from_day,
                "to_day": place.window.to_day,
                "freezes_at": freezes_at(place.to_at, first_seen_at=now),
            }
            for place in sorted(
                missing, key=lambda place: (place.community_id, place.window.period, place.window.from_day)
            )
        ]
        await insert_new(session, _WINDOWS, rows, key=["community_id", "period", "from_day"])
        known_windows |= await _windows(session, {(place.community_id, place.window): place for place in missing})
    return {wanted[key]: row.id for key, row in known_windows.items() if not is_frozen(row.freezes_at, now=now)}


_NAMED: Prepared[Any] = Prepared(
    lambda on: select(_WINDOWS).where(
        on.among(_WINDOWS.c.community_id, "communities"),
        on.among(_WINDOWS.c.period, "periods"),
        on.among(_WINDOWS.c.from_day, "days"),
    )
)


async def _windows(session: AsyncSession, wanted: Iterable[tuple[UUID, Window]]) -> dict[tuple[UUID, Window], Any]:
    by_key = {
        (community_id, window.period.value, window.from_day): (community_id, window) for community_id, window in wanted
    }
    communities, periods, days = (list(set(values)) for values in zip(*by_key, strict=True))
    found = await _NAMED.all(session, communities=communities, periods=periods, days=days)
    # A month and its first day begin alike, so a few were not asked for.
    return {by_key[key]: row for row in found if (key := (row.community_id, row.period, row.from_day)) in by_key}


async def _add_on_postgres(
    session: AsyncSession, sums: _Sums, places: Mapping[_Day, Sequence[tuple[UUID, _Place]]], unlisted: Collection[UUID]
) -> None:
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


async def _add_on_sqlite(
    session: AsyncSession, sums: _Sums, places: Mapping[_Day, Sequence[tuple[UUID, _Place]]], unlisted: Collection[UUID]
) -> None:
    rows = [
        {
            "window_id": window_id,
            "member_id": member_id,
            "deficit": -total.amount,
            "reached_at": total.reached_at,
            "listed": member_id not in unlisted,
        }
        for day, members in sums.items()
        for window_id, _ in places[day]
        for member_id, total in members.items()
    ]
    await merge_many(session, _SCORES, rows, _adding)


def _adding(scores: Table, added: Any, _: Sequence[str]) -> Any:
    return added.on_conflict_do_update(
        index_elements=[scores.c.window_id, scores.c.member_id],
        set_={
            "deficit": scores.c.deficit + added.excluded.deficit,
            "reached_at": func.max(scores.c.reached_at, added.excluded.reached_at),
        },
    )


_THIS = (_SCORES.c.window_id == bindparam("window"), _SCORES.c.member_id == bindparam("member"))
_REACHED: Prepared[Any] = Prepared(update(_SCORES).where(*_THIS).values(reached_at=bindparam("moment")))
_STANDS: Prepared[Any] = Prepared(update(_SCORES).where(*_THIS).values(listed=bindparam("stands")))


async def _reach_anew(session: AsyncSession, fallen: Sequence[tuple[UUID, _Place, UUID]]) -> None:
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


async def recount_boards(session: AsyncSession, moved: DaysMoved) -> None:
    """Sum members' scores in the windows still open once more from the ledger, after their community's days have moved.

    What was entered before the community was heard of, or before it was heard that it moved, may lie on another day now.
    """
    is_open = and_(_WINDOWS.c.community_id == moved.community_id, _WINDOWS.c.freezes_at > moved.now)
    columns = (_WINDOWS.c.id, _WINDOWS.c.period, _WINDOWS.c.from_day, _WINDOWS.c.freezes_at)
    rows = (await session.execute(select(*columns).where(is_open))).all()
    if not rows:
        return
    first = min(row.from_day for row in rows)
    await session.execute(
        delete(_SCORES).where(
            _SCORES.c.window_id.in_(select(_WINDOWS.c.id).where(is_open)),
            among(session, _SCORES.c.member_id, moved.member_ids),
        )
    )
    begin = datetime.combine(first, time(0), UTC) - _WIDEST
    found = await xp_since(session, moved.community_id, begin, moved.member_ids)
    changes = [XpChange(member_id, moved.community_id, amount, at) for member_id, amount, at in found]
    calendars = await calendars_of(session, [moved.community_id])
    sums = _sums(changes, calendars)
    places = {
        day: [place for place in found if place.window.to_day is not None and place.window.from_day >= first]
        for day, found in _places(sums, calendars).items()
    }
    await _enter(session, sums, places, moved.now)
    await _stay_open(session, rows, {place for found in places.values() for place in found})


async def _stay_open(session: AsyncSession, rows: Sequence[Any], places: Collection[_Place]) -> None:
    """A window stays open as long as it said, or as long as its end has moved back."""
    said = {(row.period, row.from_day): row for row in rows}
    later = [
        {"window": row.id, "until": until}
        for place in places
        if place.to_at is not None
        and (row := said.get((place.window.period.value, place.window.from_day))) is not None
        and (until := freezes_at(place.to_at, first_seen_at=place.to_at)) is not None
        and row.freezes_at < until
    ]
    if later:
        await (await session.connection()).execute(
            update(_WINDOWS).where(_WINDOWS.c.id == bindparam("window")).values(freezes_at=bindparam("until")),
            sorted(later, key=lambda each: each["window"]),
        )


_OPEN_SCORES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            _SCORES.c.window_id,
            _SCORES.c.member_id,
            _SCORES.c.listed,
            _WINDOWS.c.community_id,
            _WINDOWS.c.period,
            _WINDOWS.c.from_day,
            _WINDOWS.c.to_day,
        )
        .join(_WINDOWS, _WINDOWS.c.id == _SCORES.c.window_id)
        .where(
            _WINDOWS.c.community_id.in_(
                select(known.members.c.community_id).where(on.among(known.members.c.id, "ids"))
            ),
            _WINDOWS.c.freezes_at.is_(None) | (_WINDOWS.c.freezes_at > bindparam("now")),
            on.among(_SCORES.c.member_id, "ids"),
        )
    )
)


async def relist(session: AsyncSession, member_ids: Sequence[UUID], now: datetime) -> None:
    """Take members off the boards who are not to stand there, and put those on again who are; frozen boards stay as they are.

    Call when what is known of members has changed.
    """
    rows = await _OPEN_SCORES.all(session, ids=list(member_ids), now=now)
    if not rows:
        return
    absences = await absences_of(session, member_ids)
    calendars = await calendars_of(session, {row.community_id for row in rows})
    changed: dict[tuple[UUID, UUID], bool] = {}
    for row in rows:
        window = Window(Period(row.period), row.from_day, row.to_day)
        listed = not absences.hide(row.member_id, *_bounds(window, calendars[row.community_id]))
        if listed is not row.listed:
            changed[row.window_id, row.member_id] = listed
    await _list(session, changed)


async def _list(session: AsyncSession, listed: Mapping[tuple[UUID, UUID], bool]) -> None:
    """Say of members in windows whether they stand there."""
    rows = [{"window": window, "member": member, "stands": stands} for (window, member), stands in listed.items()]
    await _STANDS.run_many(session, sorted(rows, key=lambda row: (row["window"], row["member"])))


@timers.every(timedelta(minutes=5), kind="leaderboards.freeze")
async def freeze_due(session: AsyncSession, timer: Timer) -> None:
    """Write down which windows have frozen, and how many stood in them."""
    members = (
        select(func.count()).select_from(_SCORES).where(_SCORES.c.window_id == _WINDOWS.c.id, RANKED).scalar_subquery()
    )
    await session.execute(
        update(_WINDOWS)
        .where(_WINDOWS.c.frozen_at.is_(None), _WINDOWS.c.freezes_at <= timer.now)
        .values(frozen_at=_WINDOWS.c.freezes_at, members=members)
    )
