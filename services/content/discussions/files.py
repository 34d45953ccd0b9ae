"""Which discussions show their files to whom."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.problems import FORBIDDEN, NOT_FOUND, Problem
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission
from services.content.attachments.occasions import Asked, Named
from services.content.discussions.access import is_by, moderates
from services.content.discussions.models import Discussion
from services.content.groups import InGroup, SeenGroups, groups_seen, reader_of, together
from services.content.permissions import DISCUSSIONS_READ
from services.content.unnamed.masks import NO_MASKS, behind

_DISCUSSIONS: Prepared[Discussion] = Prepared(lambda on: select(Discussion).where(on.among(col(Discussion.id), "ids")))


class Readable(Protocol):
    """What is read by those who read where it stands, and once it is removed by its author and moderators."""

    @property
    def author_id(self) -> UUID: ...
    @property
    def removed_at(self) -> datetime | None: ...


async def discussion_files(session: AsyncSession, asked: Asked) -> Collection[Named]:
    """Those that the caller sees; what only waits there, their authors and moderators alone."""
    named = [one for one in asked.named if one.kind == "discussion"]
    if not named:
        return []
    standings = await standings_of(session, asked, named)
    found = await discussions_of(session, {one.object_id for one in named})
    owners = await behind(session, (row.author_id for row in found.values()))
    groups = await seen_with(session, standings, found.values())
    return [
        one
        for one in named
        if (row := found.get(one.object_id)) is not None
        and groups.see(row)
        and shows(row, standings.get(one.community_id), one, owners)
    ]


def shows(
    row: Readable | None, standing: Standing | None, named: Named, owners: Mapping[UUID, UUID] = NO_MASKS
) -> bool:
    """Whether somebody who is this sees what a discussion, or whatever is seen as those are, names; `owners` are behind masks."""
    if row is None or standing is None:
        return False
    more = is_by(standing, owners.get(row.author_id, row.author_id)) or moderates(standing)
    return more or (named.shown and row.removed_at is None)


async def discussions_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Discussion]:
    """These discussions."""
    return {row.id: row for row in await _DISCUSSIONS.all(session, ids=list(ids))}


async def seen_with(session: AsyncSession, standings: Mapping[UUID, Standing], rows: Iterable[InGroup]) -> SeenGroups:
    """Which groups of these pieces somebody sees who is this in their communities."""
    every = [reader_of(standing) for standing in standings.values()]
    return await groups_seen(session, together(every), (row.group_id for row in rows))


async def standings_of(
    session: AsyncSession, asked: Asked, named: Collection[Named], wanted: Permission = DISCUSSIONS_READ
) -> dict[UUID, Standing]:
    """What the caller is in the communities of these, where they may read there what this permission says."""
    found: dict[UUID, Standing] = {}
    for community_id in {one.community_id for one in named}:
        try:
            found[community_id] = await authorize(session, asked.caller, wanted, community_id, own=True, now=asked.now)
        except Problem as problem:
            if problem.type not in (NOT_FOUND, FORBIDDEN):
                raise
    return found
