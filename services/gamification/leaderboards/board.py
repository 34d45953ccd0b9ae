"""The use case of reading a board."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.lag import as_of
from chassis.moments import Calendar
from chassis.problems import CURSOR_INVALID, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.pages import COUNT_LIMIT, PageRequest, Total
from services.gamification.leaderboards.of_group import places_in_group, require_group
from services.gamification.leaderboards.queries import (
    Key,
    On,
    Place,
    above,
    below,
    count_members,
    place_of,
    window_row,
)
from services.gamification.leaderboards.rules import (
    EVERYBODY,
    Part,
    Period,
    Window,
    bounds,
    freezes_at,
    is_frozen,
    window_of,
)
from services.gamification.leaderboards.windows import season_on
from services.gamification.permissions import STANDING_READ


def part_of(cohort_id: UUID | None, department: str | None, group_id: UUID | None) -> Part:
    """Whom a board is asked of, apart from groups, which are read otherwise. Raises `INVALID` for several at once: no order is kept of them."""
    given = {"cohort_id": cohort_id, "department": department, "group_id": group_id}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise INVALID(errors=[_one_part(named[-1])])
    if cohort_id is not None:
        return Part("cohort_id", cohort_id)
    return EVERYBODY if department is None else Part("department", department)


def _one_part(name: str) -> FieldError:
    return FieldError(
        f"#/query/{name}",
        "not_together",
        "Name a cohort, a department or a group, and only one of them.",
        "cohort_id、department 与 group_id 只能给出其中一个。",
    )


@dataclass(frozen=True, slots=True)
class Board:
    """A page of a board."""

    window: Window
    frozen: bool
    as_of: datetime
    places: list[Place]
    me: Place | None
    next: str | None
    total: Total | None


async def read_board(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID,
    period: Period,
    part: Part,
    group_id: UUID | None,
    on: date | None,
    around: UUID | None,
    page: PageRequest,
    now: datetime,
) -> Board:
    """A page of the board of the window that holds the day `on` (today without it), from the top or around a member.

    Suspended members see only their own place. Raises `NOT_FOUND` if `around` is not on the board, no season has the day, or the
    community has no such group.
    """
    standing = await authorize(session, caller, STANDING_READ, community_id, own=True, now=now)
    community = standing.community
    if group_id is not None:
        await require_group(session, community_id, group_id)
    today = Calendar(now, community.time_zone, community.day_starts_at).day_of(now)
    window = await _window(session, community_id, on or today, period)
    row = await window_row(session, community_id, window)
    _, end = bounds(window, time_zone=community.time_zone, day_starts_at=community.day_starts_at)
    freezes = row.freezes_at if row is not None else freezes_at(end, first_seen_at=end) if end else None
    frozen = is_frozen(freezes, now=now)
    known_until = freezes if frozen and freezes is not None else await as_of(session, now)
    if row is None:
        if around is not None:
            raise NOT_FOUND()
        return Board(window, frozen, known_until, [], None, None, Total(value=0, exact=True) if page.count else None)
    if group_id is None:
        read = await _of_part(session, On(row.id, part), standing, around, page, now)
    else:
        read = _of_group(await places_in_group(session, row.id, group_id), standing, around, page)
    return Board(
        window=window,
        frozen=frozen,
        as_of=known_until,
        places=read.places,
        me=read.me,
        next=read.next,
        total=read.total if page.count else None,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    places: list[Place]
    me: Place | None
    next: str | None
    total: Total | None


async def _of_part(
    session: AsyncSession, board: On, standing: Standing, around: UUID | None, page: PageRequest, now: datetime
) -> _Read:
    me = await place_of(session, board, standing.member_id, now) if standing.member_id else None
    if standing.sees_all:
        places, following = await _page(session, board, around, page, now)
    else:
        places, following = _only_own(me, around), None
    return _Read(places, me, following, await _total(session, board) if page.count else None)


def _of_group(everybody: Sequence[Place], standing: Standing, around: UUID | None, page: PageRequest) -> _Read:
    me = next((one for one in everybody if one.member_id == standing.member_id), None)
    total = Total(value=len(everybody), exact=True)
    if not standing.sees_all:
        return _Read(_only_own(me, around), me, None, total)
    after = page.decode()
    start = 0
    if after is not None:
        start = bisect_right([one.key for one in everybody], _from_cursor(after)[0])
    elif around is not None:
        centre = next((place for place, one in enumerate(everybody) if one.member_id == around), None)
        if centre is None:
            raise NOT_FOUND()
        start = max(0, centre - (page.limit - 1) // 2)
    shown = list(everybody[start : start + page.limit])
    is_more = len(everybody) > start + page.limit
    return _Read(shown, me, page.encode(_to_cursor(shown[-1])) if is_more else None, total)


def _only_own(me: Place | None, around: UUID | None) -> list[Place]:
    return [me] if me is not None and around in (None, me.member_id) else []


async def _window(session: AsyncSession, community_id: UUID, day: date, period: Period) -> Window:
    if period is not Period.SEASON:
        return window_of(day, period)
    season = await season_on(session, community_id, day)
    if season is None:
        raise NOT_FOUND()
    return season


async def _page(
    session: AsyncSession, board: On, around: UUID | None, page: PageRequest, now: datetime
) -> tuple[list[Place], str | None]:
    after = page.decode()
    before: list[Place] = []
    if after is not None:
        key, rank = _from_cursor(after)
        found = await below(session, board, after=key, first_rank=rank, limit=page.limit + 1)
    elif around is not None:
        centre = await place_of(session, board, around, now)
        if centre is None:
            raise NOT_FOUND()
        before = [*await above(session, board, centre, limit=(page.limit - 1) // 2), centre]
        following_rank = None if centre.rank is None else centre.rank + 1
        room = page.limit - len(before)
        found = await below(session, board, after=centre.key, first_rank=following_rank, limit=room + 1)
    else:
        found = await below(session, board, after=None, first_rank=1, limit=page.limit + 1)
    room = page.limit - len(before)
    shown = before + found[:room]
    following = page.encode(_to_cursor(shown[-1])) if len(found) > room else None
    return shown, following


def _to_cursor(last: Place) -> list[Any]:
    deficit, reached_at, member_id = last.key
    return [deficit, reached_at, member_id, None if last.rank is None else last.rank + 1]


def _from_cursor(values: list[Any]) -> tuple[Key, int | None]:
    try:
        deficit, reached_at, member_id, rank = values
        return (int(deficit), datetime.fromisoformat(reached_at), UUID(member_id)), rank
    except (TypeError, ValueError):
        raise CURSOR_INVALID() from None


async def _total(session: AsyncSession, board: On) -> Total:
    counted = await count_members(session, board, limit=COUNT_LIMIT + 1)
    return Total(value=min(counted, COUNT_LIMIT), exact=counted <= COUNT_LIMIT)
