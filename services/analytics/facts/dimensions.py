"""What was so of people and members at a moment: where they worked, and whether they ran the community."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared
from chassis.messaging.handlers import Received, is_snapshot
from services.analytics.facts.models import MemberStand, PersonPlace

STAFF = frozenset({"operator", "owner"})
"""Who runs a community: figures leave them out unless somebody asks for them."""

person_places: Table = PersonPlace.__table__  # type: ignore[attr-defined]
member_stands: Table = MemberStand.__table__  # type: ignore[attr-defined]

_FIRST_STANDS: Prepared[Any] = Prepared(
    lambda on: (
        select(member_stands.c.member_id, func.min(member_stands.c.version))
        .where(on.among(member_stands.c.member_id, "ids"))
        .group_by(member_stands.c.member_id)
    )
)


async def keep_places(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep of each message about a person where they work from then on."""
    rows = {
        (message.data.person_id, message.version): {
            "person_id": message.data.person_id,
            "version": message.version,
            "at": message.occurred_at,
            "department_code": message.data.department_code,
            "job_grade": message.data.job_grade,
            "site": message.data.site,
        }
        for message in messages
    }
    await insert_new(session, person_places, [rows[key] for key in sorted(rows)], key=["person_id", "version"])


async def keep_stands(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep of each message about a member whether they run the community from then on.

    A snapshot says nothing of when: who is first known by one has been what they are since joining.
    """
    first = await _first_versions(session, {message.data.member_id for message in messages})
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for message in sorted(messages, key=lambda message: message.version):
        data, version = message.data, message.version
        is_first = version <= first.setdefault(data.member_id, version)
        rows[data.member_id, version] = {
            "member_id": data.member_id,
            "version": version,
            "at": data.joined_at if is_snapshot(type(data)) and is_first else message.occurred_at,
            "staff": not STAFF.isdisjoint(data.roles),
            "community_id": data.community_id,
            "person_id": data.person_id,
        }
    await insert_new(session, member_stands, [rows[key] for key in sorted(rows)], key=["member_id", "version"])


async def _first_versions(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, int]:
    return dict(await _FIRST_STANDS.all(session, ids=list(member_ids)))
