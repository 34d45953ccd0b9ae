"""The use case of reading a board."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.lag import as_of
from chassis.moments import Calendar
from chassis.problems import CURSOR_INVALID, INVALID, NOT_FOUND, FieldError
from chassis.security.authority import authorize
from chassis.security.caller import Caller
from chassis.web.pages import COUNT_LIMIT, PageRequest, Total
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

ONE_PART = FieldError(
    "#/query/department", "not_together", "Name a cohort or a department.", "cohort_id 与 department 不能同时给出。"
)


def part_of(cohort_id: UUID | None, department: str | None) -> Part:
    """Whom a board is asked of. Raises `INVALID` for both at once: no order is kept of them."""
    if cohort_id is not None and department is not None:
        raise INVALID(errors=[ONE_PART])
    if cohort_id is not None:
        return Part("cohort_id", cohort_id)
    return EVERYBODY if department is None else Part("department", department)


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
    on: date | None,
    around: UUID | None,
    page: PageRequest,
    now: datetime,
) -> Board:
    """A page of the board of the window that holds the day `on` (today without it), from the top or around a member.

    Suspended members see only their own place. Raises `NOT_FOUND` if `around` is not on the board, or no season has the day.
    """
    standing = await authorize(session, caller, STANDING_READ, community_id, own=True, now=now)
    community = standing.community
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
    board = On(row.id, part)
    me = await place_of(session, board, standing.member_id, now) if standing.member_id else None
    if standing.sees_all:
        places, following = await _page(session, board, around, page, now)
    else:
        places, following = [me] if me is not None and around in (None, me.member_id) else [], None
    return Board(
        window=window,
        frozen=frozen,
        as_of=known_until,
        places=places,
        me=me,
        next=following,
        total=await _total(session, board) if page.count else None,
    )


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
