"""Who does not stand on boards: whoever left or opted out on none, whoever ran the community on none of the days when they did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared, Spelling, bindparam
from chassis.messaging.handlers import Received
from chassis.projections.members import LEFT_STATUSES
from contracts.membership import MemberSnapshot
from services.gamification.base import known
from services.gamification.leaderboards.models import BoardRole

_ROLES: Any = BoardRole.__table__  # type: ignore[attr-defined]

STAFF = frozenset({"operator", "owner"})
"""They give and take points: a referee is no player."""

Term = tuple[datetime, datetime | None]
"""From when until when somebody ran a community; None is still."""


@dataclass(frozen=True, slots=True)
class Absences:
    """Of some members, those who stand on no board, and when the others ran the community."""

    gone: frozenset[UUID]
    terms: Mapping[UUID, Sequence[Term]]

    def hide(self, member_id: UUID, from_at: datetime | None, to_at: datetime | None) -> bool:
        """Whether the member does not stand on the board of a window between these moments."""
        return member_id in self.gone or self.ran(member_id, from_at, to_at)

    def ran(self, member_id: UUID, from_at: datetime | None, to_at: datetime | None) -> bool:
        """Whether the member ran the community at any time between these moments."""
        return any(
            (to_at is None or begun < to_at) and (from_at is None or ended is None or from_at < ended)
            for begun, ended in self.terms.get(member_id, ())
        )


def _absent(on: Spelling) -> Any:
    said = _ROLES.alias("said")
    absent = exists().where(said.c.member_id == known.members.c.id, said.c.staff | ~said.c.on_boards)
    return (
        select(known.members.c.id, known.members.c.status, _ROLES.c.at, _ROLES.c.staff, _ROLES.c.on_boards)
        .select_from(known.members.outerjoin(_ROLES, _ROLES.c.member_id == known.members.c.id))
        .where(on.among(known.members.c.id, "ids"), known.members.c.status.in_(LEFT_STATUSES) | absent)
        .order_by(known.members.c.id, _ROLES.c.version)
    )


_ABSENT: Prepared[Any] = Prepared(_absent)
_FIRST_SAID: Prepared[Any] = Prepared(
    lambda on: (
        select(_ROLES.c.member_id, func.min(_ROLES.c.version))
        .where(on.among(_ROLES.c.member_id, "ids"))
        .group_by(_ROLES.c.member_id)
    )
)


async def absences_of(session: AsyncSession, members: Collection[UUID]) -> Absences:
    """Of these members, those who are not to stand everywhere."""
    rows = await _ABSENT.all(session, ids=list(members))
    gone: set[UUID] = set()
    told: dict[UUID, list[tuple[datetime, bool, bool]]] = {}
    for member_id, status, at, staff, on_boards in rows:
        if status in LEFT_STATUSES:
            gone.add(member_id)
        elif at is not None:
            told.setdefault(member_id, []).append((at, staff, on_boards))
    gone |= {member_id for member_id, versions in told.items() if not versions[-1][2]}
    return Absences(frozenset(gone), {member_id: _terms(versions) for member_id, versions in told.items()})


_SAID: Prepared[Any] = Prepared(
    select(_ROLES.c.at, _ROLES.c.staff, _ROLES.c.on_boards)
    .where(_ROLES.c.member_id == bindparam("member_id"))
    .order_by(_ROLES.c.version)
)


async def stands_unless_gone(
    session: AsyncSession, member_id: UUID, from_at: datetime | None, to_at: datetime | None
) -> bool:
    """Whether a member who has left would stand on the board of a window between these moments, had they stayed."""
    versions = [tuple(row) for row in await _SAID.all(session, member_id=member_id)]
    if versions and not versions[-1][2]:
        return False
    return not Absences(frozenset(), {member_id: _terms(versions)}).ran(member_id, from_at, to_at)


def _terms(versions: Sequence[tuple[datetime, bool, bool]]) -> list[Term]:
    ends: list[datetime | None] = [later[0] for _, later in pairwise(versions)]
    return [
        (at, ended)
        for (at, staff, _), ended in zip(versions, [*ends, None], strict=True)
        if staff and (ended is None or at < ended)
    ]


async def keep_roles(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep of each message about a member whether they run the community from then on, and whether they stand on boards.

    A snapshot says nothing of when: who is first known by one has been what they are since joining.
    """
    first = dict(await _FIRST_SAID.all(session, ids=list({message.data.member_id for message in messages})))
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for message in sorted(messages, key=lambda message: message.version):
        data, version = message.data, message.version
        is_first = version <= first.setdefault(data.member_id, version)
        rows[data.member_id, version] = {
            "member_id": data.member_id,
            "version": version,
            "at": data.joined_at if isinstance(data, MemberSnapshot) and is_first else message.occurred_at,
            "staff": not STAFF.isdisjoint(data.roles),
            "on_boards": data.on_boards,
        }
    await insert_new(session, _ROLES, [rows[key] for key in sorted(rows)], key=["member_id", "version"])
