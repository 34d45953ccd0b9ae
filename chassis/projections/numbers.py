"""Members by employee number, from the projection: for imports, whose rows name members so."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.identifiers import identifier_key
from chassis.jobs import JobRun
from chassis.messaging.lag import progress
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.projections.members import KnownMember
from chassis.projections.tables import known_to

WAIT_FOR_MEMBERS: Final = timedelta(seconds=45)
"""How long a job waits for what membership had recorded when it began; less than its lease."""
_PAUSE: Final = timedelta(seconds=0.5)


async def members_by_number(
    session: AsyncSession, community_id: UUID, numbers: Collection[str]
) -> dict[str, KnownMember]:
    """The members of the community who have these employee numbers, by `identifier_key`."""
    known = known_to(session)
    people, members = known.people.c, known.members.c
    statement = (
        select(
            people.employee_no,
            members.id,
            members.community_id,
            members.person_id,
            members.status,
            members.joined_at,
            people.time_zone,
        )
        .select_from(known.people.join(known.members, members.person_id == people.id))
        .where(members.community_id == community_id)
    )
    exact = await session.execute(statement.where(people.employee_no.in_(set(numbers))))
    found = {identifier_key(number): KnownMember(*rest) for number, *rest in exact}
    if missing := {identifier_key(number) for number in numbers} - found.keys():
        # Written in another case than the directory has it; no index helps, and few are.
        folded = await session.execute(statement.where(func.lower(people.employee_no).in_(missing)))
        found |= {identifier_key(number): KnownMember(*rest) for number, *rest in folded}
    return found


async def wait_for_members(job: JobRun, community_id: UUID, numbers: Collection[str]) -> None:
    """Let the projection catch up if it does not know a member: a roster may have been imported a moment ago."""
    keys = {identifier_key(number) for number in numbers}
    for _ in range(int(WAIT_FOR_MEMBERS / _PAUSE)):
        if job.runtime.clock() >= job.started_at + WAIT_FOR_MEMBERS:
            return
        async with job.runtime.database.reading() as session:
            if keys <= (await members_by_number(session, community_id, numbers)).keys():
                return
            marks = [one.caught_up_at for one in await progress(session, own=True) if one.topic == MEMBERSHIP_TOPIC]
        if all(mark is not None and mark >= job.started_at for mark in marks):
            return
        await asyncio.sleep(_PAUSE.total_seconds())
