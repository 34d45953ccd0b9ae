"""The board of a group: two hundred stand on it at most, so it is read as a whole, however many members the window has."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND
from chassis.projections.groups import known_group
from services.gamification.base import known_groups
from services.gamification.leaderboards.models import RANKED, BoardScore
from services.gamification.leaderboards.queries import Place

_SCORES: Table = BoardScore.__table__  # type: ignore[attr-defined]
_BELONG = known_groups.members.c

# No order is asked for: a database would read the whole window's to save sorting a few rows.
_PLACES: Prepared[Any] = Prepared(
    select(_SCORES.c.member_id, _SCORES.c.deficit, _SCORES.c.reached_at).where(
        _SCORES.c.window_id == bindparam("window_id"),
        _SCORES.c.member_id.in_(
            select(_BELONG.member_id).where(_BELONG.group_id == bindparam("group_id"), _BELONG.belongs)
        ),
        RANKED,
    )
)


async def require_group(session: AsyncSession, community_id: UUID, group_id: UUID) -> None:
    """Raises `NOT_FOUND` for what is no group of the community, or was dissolved."""
    group = await known_group(session, group_id)
    if group is None or group.community_id != community_id or group.dissolved:
        raise NOT_FOUND()


async def places_in_group(session: AsyncSession, window_id: UUID, group_id: UUID) -> Sequence[Place]:
    """Everybody who belongs to the group now and has a place in the window, the best first, with ranks of their own."""
    rows = await _PLACES.all(session, window_id=window_id, group_id=group_id)
    ordered = sorted(rows, key=attrgetter("deficit", "reached_at", "member_id"))
    return [
        Place(row.member_id, -row.deficit, (row.deficit, row.reached_at, row.member_id), rank)
        for rank, row in enumerate(ordered, start=1)
    ]
