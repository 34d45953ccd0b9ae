"""What members can do and what they care about: they write it, and others read it once moderation has decided that they may."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.texts import Hidden
from services.membership.base import texts
from services.membership.roster.models import Member

KIND: Final = "member"
FIELDS: Final[tuple[str, ...]] = ("skills", "interests")


async def describe(session: AsyncSession, member: Member, values: Mapping[str, Any], now: datetime) -> bool:
    """Write down what a locked member says of themselves. False if that stood there already."""
    changes = {name: value for name, value in values.items() if name in FIELDS and getattr(member, name) != value}
    if not changes:
        return False
    member.sqlmodel_update(changes)
    member.version += 1
    said = {name: "、".join(getattr(member, name)) for name in FIELDS if getattr(member, name)}
    # Where nothing is written there is nothing to decide; what was asked before does no harm.
    member.described_readable = not said
    if said:
        await texts.written(
            session,
            community_id=member.community_id,
            kind=KIND,
            object_id=member.id,
            author_id=member.id,
            text=said,
            now=now,
        )
    return True


async def hidden_of(session: AsyncSession, member: Member) -> Hidden | None:
    """Why others do not read what a member wrote; None where they do."""
    return None if member.described_readable else (await texts.hidden(session, [member.id])).get(member.id)


async def lock(session: AsyncSession, member_id: UUID) -> Member | None:
    """The member that an answer of moderation is about, locked as every change of them locks them."""
    return await session.get(Member, member_id, with_for_update=True, populate_existing=True)


async def take_verdict(_session: AsyncSession, member: Any, verdict: str) -> None:
    """Let others read what was written, or no longer."""
    if member is not None:
        member.described_readable = verdict in {"allow", "release"}


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What a person wrote of themselves goes when they are erased."""
    theirs = update(Member).where(col(Member.person_id) == person_id)
    await session.execute(theirs.values(skills=[], interests=[], described_readable=False))
