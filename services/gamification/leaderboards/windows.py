"""The windows in which days count, and which of them still take entries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, literal_column, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared
from chassis.ids import new_id
from chassis.moments import Calendars
from services.gamification.leaderboards.models import BoardWindow
from services.gamification.leaderboards.rules import (
    Period,
    Window,
    bounds,
    freezes_at,
    holds,
    is_frozen,
    windows_of,
)

WINDOWS: Table = BoardWindow.__table__  # type: ignore[attr-defined]


class Day(NamedTuple):
    """One day of one community."""

    community_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class Place:
    """A window of one community, with the moments between which it lies."""

    community_id: UUID
    window: Window
    from_at: datetime | None
    to_at: datetime | None


Places = Mapping[Day, Sequence[Place]]
"""The windows in which a day counts."""
Seasons = Mapping[UUID, Sequence[Window]]
"""The seasons of communities."""
NO_SEASONS: Seasons = MappingProxyType({})


def places_of(
    days: Iterable[Day], calendars: Mapping[UUID, Calendars], seasons: Seasons = NO_SEASONS
) -> dict[Day, list[Place]]:
    """The windows in which each day counts."""
    # One place a window, also where the community's zone changed within it: a score is one row.
    made: dict[tuple[UUID, Window], Place] = {}
    found: dict[Day, list[Place]] = {}
    for day in days:
        found[day] = []
        for window in windows_of(day.day, seasons.get(day.community_id, ())):
            key = (day.community_id, window)
            if key not in made:
                made[key] = Place(day.community_id, window, *edges(window, calendars[day.community_id]))
            found[day].append(made[key])
    return found


def edges(window: Window, calendars: Calendars) -> tuple[datetime | None, datetime | None]:
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


async def open_windows(session: AsyncSession, places: Collection[Place], now: datetime) -> dict[Place, UUID]:
    """The ids of the windows that still take entries; those not seen before are made."""
    if not places:
        return {}
    wanted = {(place.community_id, place.window): place for place in places}
    known_windows = await _kept(session, wanted)
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
        await insert_new(session, WINDOWS, rows, key=["community_id", "period", "from_day"])
        known_windows |= await _kept(session, {(place.community_id, place.window): place for place in missing})
    return {wanted[key]: row.id for key, row in known_windows.items() if not is_frozen(row.freezes_at, now=now)}


async def stay_open(session: AsyncSession, rows: Sequence[Any], places: Collection[Place]) -> None:
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
            update(WINDOWS).where(WINDOWS.c.id == bindparam("window")).values(freezes_at=bindparam("until")),
            sorted(later, key=lambda each: each["window"]),
        )


_NAMED: Prepared[Any] = Prepared(
    lambda on: select(WINDOWS).where(
        on.among(WINDOWS.c.community_id, "communities"),
        on.among(WINDOWS.c.period, "periods"),
        on.among(WINDOWS.c.from_day, "days"),
    )
)


async def _kept(session: AsyncSession, wanted: Iterable[tuple[UUID, Window]]) -> dict[tuple[UUID, Window], Any]:
    by_key = {
        (community_id, window.period.value, window.from_day): (community_id, window) for community_id, window in wanted
    }
    communities, periods, days = (list(set(values)) for values in zip(*by_key, strict=True))
    found = await _NAMED.all(session, communities=communities, periods=periods, days=days)
    # A month and its first day begin alike, so a few were not asked for.
    return {by_key[key]: row for row in found if (key := (row.community_id, row.period, row.from_day)) in by_key}


_SEASONS: Prepared[Any] = Prepared(
    lambda on: select(WINDOWS.c.community_id, WINDOWS.c.from_day, WINDOWS.c.to_day).where(
        on.among(WINDOWS.c.community_id, "communities"),
        WINDOWS.c.period == literal_column("'season'"),
        WINDOWS.c.from_day <= bindparam("last"),
        WINDOWS.c.to_day >= bindparam("first"),
    )
)


async def seasons_of(session: AsyncSession, communities: Iterable[UUID], days: Collection[date]) -> Seasons:
    """The seasons of communities that may have one of these days, those that are over included: an entry that is late finds its own frozen."""
    found: dict[UUID, list[Window]] = {}
    if not days:
        return found
    for row in await _SEASONS.all(session, communities=list(communities), first=min(days), last=max(days)):
        found.setdefault(row.community_id, []).append(Window(Period.SEASON, row.from_day, row.to_day))
    return found


async def season_on(session: AsyncSession, community_id: UUID, day: date) -> Window | None:
    """The season that a day of a community belongs to."""
    seasons = (await seasons_of(session, [community_id], [day])).get(community_id, ())
    return next((season for season in seasons if holds(season, day)), None)


async def open_season(
    session: AsyncSession, community_id: UUID, window: Window, calendars: Calendars, now: datetime
) -> UUID:
    """Have the board of a season that has not begun; what happens in it counts there from now on."""
    _, end = edges(window, calendars)
    row = BoardWindow(
        community_id=community_id,
        period=Period.SEASON.value,
        from_day=window.from_day,
        to_day=window.to_day,
        freezes_at=freezes_at(end, first_seen_at=now),
    )
    session.add(row)
    await session.flush()
    return row.id


async def drop_season(session: AsyncSession, window_id: UUID) -> None:
    """Have no board of a season that has not begun, and so has no scores."""
    await session.execute(delete(WINDOWS).where(WINDOWS.c.id == window_id))
