"""What groups are called and are for: members write it, and others read it once moderation has decided that they may."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.outbox import emit_many
from chassis.web.work import Work
from services.membership.base import texts
from services.membership.groups.belonging import told_of_update
from services.membership.groups.models import Group

KIND: Final = "group"


async def written(work: Work, group: Group, author_id: UUID) -> None:
    """Somebody wrote it, or wrote it anew; the group is locked, or new."""
    group.readable = False
    await texts.written(
        work.session,
        community_id=group.community_id,
        kind=KIND,
        object_id=group.id,
        author_id=author_id,
        text=_said(group),
        now=work.now,
    )


async def written_together(session: AsyncSession, groups: Sequence[Group], author_id: UUID, now: datetime) -> None:
    """Somebody wrote those of new groups of one community."""
    if groups:
        await texts.written_together(
            session,
            community_id=groups[0].community_id,
            kind=KIND,
            author_id=author_id,
            texts={group.id: _said(group) for group in groups},
            now=now,
        )


def _said(group: Group) -> dict[str, str]:
    text = {"name": group.name, "purpose": group.purpose}
    return {name: said for name, said in text.items() if said}


async def lock(session: AsyncSession, group_id: UUID) -> Group | None:
    """The group that an answer of moderation is about, locked as every change of it locks it."""
    return await session.get(Group, group_id, with_for_update=True, populate_existing=True)


async def take_verdict(session: AsyncSession, group: Any, verdict: str) -> None:
    """Let others read what was written, or no longer; what it is called is told, if that is something else now."""
    readable = verdict in {"allow", "release"}
    if group is None or group.readable is readable:
        return
    group.readable = readable
    group.version += 1
    now = moment_of(session)
    await emit_many(session, [told_of_update(group, now, new_leader=False)])
