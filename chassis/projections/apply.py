"""Applying membership's messages to the projection: the newest state of each thing wins, in whatever order they come.

The functions take messages by their shape, not by their contract's class: the chassis knows no contract.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Table, case, delete, or_
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.projections.tables import LONGEST_ZONE, known_to


async def apply_people(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`person.registered`, `.updated`, `.suspended`, `.reinstated`, `.left` and their snapshot."""
    await upsert(
        session,
        known_to(session).people,
        (
            {
                "id": message.data.person_id,
                "employee_no": message.data.employee_no,
                "display_name": message.data.display_name,
                "department_code": message.data.department_code,
                "title": message.data.title,
                "job_grade": message.data.job_grade,
                "site": message.data.site,
                "hired_on": message.data.hired_on,
                "kind": message.data.kind,
                "status": message.data.status,
                "locale": message.data.locale,
                "time_zone": _fitting_zone(message.data.time_zone),
                "avatar_url": message.data.avatar_url,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_departments(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`department.updated` and its snapshot."""
    await upsert(
        session,
        known_to(session).departments,
        (
            {
                "id": message.data.code,
                "name": message.data.name,
                "parent_code": message.data.parent_code,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


def _fitting_zone(name: str | None) -> str | None:
    """A person's zone; a name too long for one is none, and the community's holds, as for any name that is no zone's."""
    return name if name is None or len(name) <= LONGEST_ZONE else None


async def apply_communities(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`community.created`, `.opened`, `.updated`, `.archived` and their snapshot."""
    await upsert(
        session,
        known_to(session).communities,
        (
            {
                "id": message.data.community_id,
                "slug": message.data.slug,
                "name": message.data.name,
                "kind": message.data.kind,
                "status": message.data.status,
                "visibility": message.data.visibility,
                "time_zone": message.data.time_zone,
                "day_starts_at": message.data.day_starts_at,
                "streak_days": message.data.streak_days,
                "topics": list(message.data.topics),
                "values": [value.model_dump(mode="json") for value in message.data.values],
                "operated_by": message.data.operated_by,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_members(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`member.joined`, `.role_changed`, `.status_changed`, `.cohort_changed`, `.left` and their snapshot."""
    await upsert(
        session,
        known_to(session).members,
        (
            {
                "id": message.data.member_id,
                "community_id": message.data.community_id,
                "person_id": message.data.person_id,
                "roles": sorted(message.data.roles),
                "status": message.data.status,
                "status_until": message.data.status_until,
                "joined_at": message.data.joined_at,
                "via": message.data.via,
                "cohort_id": message.data.cohort_id,
                "channel": message.data.channel,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_sanctions(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`sanction.changed` and its snapshot."""
    await upsert(
        session,
        known_to(session).sanctions,
        (
            {
                "id": message.data.member_id,
                "status": message.data.status,
                "until": message.data.until,
                "then_muted_until": message.data.then_muted_until,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_rule_sets(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`rule_set.published` and its snapshot: of a community's versions the greatest counts."""
    await upsert(
        session,
        known_to(session).rule_sets,
        (
            {
                "id": message.data.community_id,
                "rule_set_id": message.data.rule_set_id,
                "acknowledge_by": message.data.acknowledge_by,
                "version": message.data.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_acknowledgements(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`rule_set.acknowledged`, `rule_set.missed` and `acknowledgement.snapshot`."""
    await upsert(
        session,
        known_to(session).acknowledgements,
        (
            {
                "id": message.data.member_id,
                "acknowledged": message.data.version,
                "overdue": message.data.overdue,
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def apply_work_calendars(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`work_calendar.updated` and its snapshot."""

    def days(message: Any, kind: str) -> list[str]:
        return sorted(day.date.isoformat() for day in message.data.days if day.kind == kind)

    await upsert(
        session,
        known_to(session).work_calendars,
        (
            {
                "id": message.data.subject(),
                "country": message.data.country,
                "year": message.data.year,
                "known_until": message.data.known_until,
                "off": days(message, "off"),
                "workdays": days(message, "workday"),
                "version": message.version,
                "told_at": message.recorded_at,
            }
            for message in messages
        ),
    )


async def forget_people(session: AsyncSession, before: datetime) -> None:
    """Those of whom membership, when it told of everybody, said nothing."""
    await forget_from(session, known_to(session).people, before)


async def forget_departments(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).departments, before)


async def forget_communities(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).communities, before)


async def forget_members(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).members, before)


async def forget_sanctions(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).sanctions, before)


async def forget_rule_sets(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).rule_sets, before)


async def forget_acknowledgements(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).acknowledgements, before)


async def forget_work_calendars(session: AsyncSession, before: datetime) -> None:
    """As `forget_people`."""
    await forget_from(session, known_to(session).work_calendars, before)


async def forget_from(session: AsyncSession, table: Table, before: datetime) -> None:
    """Drop the rows of a projection's table of which nothing was told since."""
    await session.execute(delete(table).where(or_(table.c.told_at.is_(None), table.c.told_at < before)))


async def upsert(session: AsyncSession, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write the rows of a projection's table by their `id`: of each the greatest `version`, whatever came before."""
    newest: dict[Any, dict[str, Any]] = {}
    for row in rows:
        known = newest.setdefault(row["id"], row)
        told_at = max(known["told_at"], row["told_at"])
        newest[row["id"]] = max(known, row, key=itemgetter("version")) | {"told_at": told_at}
    # Locks are taken in order of id, so that two batches cannot wait for each other.
    await merge_many(session, table, sorted(newest.values(), key=itemgetter("id")), _by_version)


def _by_version(table: Table, insert: Any, names: Sequence[str]) -> Any:
    news = table.c.version < insert.excluded.version
    told_again = or_(table.c.told_at.is_(None), table.c.told_at < insert.excluded.told_at)
    # The same version says the same again, and with it what a column holds that is newer than the row.
    told = table.c.version <= insert.excluded.version
    changed = {name: case((told, insert.excluded[name]), else_=table.c[name]) for name in names}
    changed["told_at"] = case((told_again, insert.excluded.told_at), else_=table.c.told_at)
    return insert.on_conflict_do_update(index_elements=[table.c.id], set_=changed, where=or_(news, told_again))
