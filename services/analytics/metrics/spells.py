"""Keeping from when until when members were there, by what is told of members, people and communities."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_many
from chassis.database.context import moment_of
from chassis.database.statements import Prepared
from chassis.moments import Calendars
from chassis.projections.history import calendars_of, statuses_of
from services.analytics.facts.dimensions import member_stands, person_places
from services.analytics.facts.occasions import PastChanged
from services.analytics.metrics.kept import drop_kept
from services.analytics.metrics.models import MemberSpell
from services.analytics.metrics.spell_rules import Dated, Place, Spell, first_change, spells

SPELLS: Table = MemberSpell.__table__  # type: ignore[attr-defined]

_STANDS: Prepared[Any] = Prepared(
    lambda on: (
        select(
            member_stands.c.member_id,
            member_stands.c.community_id,
            member_stands.c.person_id,
            member_stands.c.at,
            member_stands.c.staff,
        )
        .where(on.among(member_stands.c.member_id, "ids"))
        .order_by(member_stands.c.member_id, member_stands.c.version)
    )
)
_PLACES: Prepared[Any] = Prepared(
    lambda on: (
        select(
            person_places.c.person_id, person_places.c.at, person_places.c.department_code, person_places.c.job_grade
        )
        .where(on.among(person_places.c.person_id, "ids"))
        .order_by(person_places.c.person_id, person_places.c.version)
    )
)
_SPELLS_OF: Prepared[Any] = Prepared(
    lambda on: (
        select(
            SPELLS.c.member_id,
            SPELLS.c.starts_on,
            SPELLS.c.left_on,
            SPELLS.c.department_code,
            SPELLS.c.job_grade,
            SPELLS.c.staff,
        )
        .where(on.among(SPELLS.c.member_id, "ids"))
        .order_by(SPELLS.c.member_id, SPELLS.c.number)
    )
)
_MEMBERS_OF_PEOPLE: Prepared[Any] = Prepared(
    lambda on: (
        select(member_stands.c.member_id, member_stands.c.community_id)
        .where(on.among(member_stands.c.person_id, "ids"))
        .distinct()
    )
)
_MEMBERS_OF_COMMUNITIES: Prepared[Any] = Prepared(
    lambda on: select(SPELLS.c.member_id).where(on.among(SPELLS.c.community_id, "ids")).distinct()
)


async def communities_of_people(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """What these people are or were a member as, with the community of each."""
    return dict(await _MEMBERS_OF_PEOPLE.all(session, ids=list(person_ids)))


async def members_of_communities(session: AsyncSession, community_ids: Collection[UUID]) -> list[UUID]:
    """Everybody who was ever a member of these communities."""
    return list(await _MEMBERS_OF_COMMUNITIES.all(session, ids=list(community_ids)))


async def keep_spells(session: AsyncSession, member_ids: Iterable[UUID]) -> None:
    """Write anew when these members were there, from all that is known of it: so any order of messages ends alike.

    Lock their communities first: a calendar that moves meanwhile is told by another message, at the same time. What is kept of days that
    are over is forgotten where they are others.
    """
    ids = sorted(set(member_ids))
    if not ids:
        return
    made, communities, calendars = await _made(session, ids)
    before = await _kept(session, ids)
    late: dict[UUID, date] = {}
    changed = []
    now = moment_of(session)
    for member_id, community_id in communities.items():
        day = first_change(before.get(member_id, []), made[member_id])
        if day is not None:
            changed.append(member_id)
            if day < calendars[community_id].day_of(now):
                late[community_id] = min(day, late.get(community_id, day))
    if not changed:
        return
    await session.execute(delete(SPELLS).where(among(session, SPELLS.c.member_id, changed)))
    rows = [
        {
            "member_id": member_id,
            "number": number,
            "community_id": communities[member_id],
            "starts_on": spell.starts_on,
            "left_on": spell.left_on,
            "department_code": spell.place[0],
            "job_grade": spell.place[1],
            "staff": spell.staff,
        }
        for member_id in changed
        for number, spell in enumerate(made[member_id])
    ]
    await insert_many(session, SPELLS, rows)
    if late:
        await drop_kept(session, PastChanged(late))


async def _made(
    session: AsyncSession, ids: Sequence[UUID]
) -> tuple[dict[UUID, list[Spell]], dict[UUID, UUID], dict[UUID, Calendars]]:
    """The spells of members as they are now known, with their communities and the calendars of those."""
    statuses = await statuses_of(session, ids)
    staff: dict[UUID, list[Dated[bool]]] = {}
    whose: dict[UUID, tuple[UUID, UUID]] = {}
    for member_id, community_id, person_id, at, runs_it in await _STANDS.all(session, ids=ids):
        staff.setdefault(member_id, []).append(Dated(at, runs_it))
        whose[member_id] = community_id, person_id
    places: dict[UUID, list[Dated[Place]]] = {}
    for person_id, at, department, grade in await _PLACES.all(session, ids=list({two for _, two in whose.values()})):
        places.setdefault(person_id, []).append(Dated(at, (department or "", grade or "")))
    calendars = await calendars_of(session, {one for one, _ in whose.values()})
    made = {
        member_id: spells(
            statuses.get(member_id, []), staff[member_id], places.get(person_id, []), calendars[community_id]
        )
        for member_id, (community_id, person_id) in whose.items()
    }
    return made, {member_id: one for member_id, (one, _) in sorted(whose.items())}, calendars


async def _kept(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Spell]]:
    found: dict[UUID, list[Spell]] = {}
    for member_id, starts_on, left_on, department, grade, staff in await _SPELLS_OF.all(session, ids=ids):
        found.setdefault(member_id, []).append(Spell(starts_on, left_on, (department, grade), staff))
    return found
