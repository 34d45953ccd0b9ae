"""Who is behind a mask."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import BindParameter, ColumnElement, Select, case, delete, or_, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from chassis.database.context import SYSTEM_ACTOR, context_of
from chassis.database.statements import Prepared, bindparam
from chassis.ids import is_mask, new_mask
from chassis.security.authority import Standing
from chassis.security.caller import Caller
from services.content.base import known
from services.content.unnamed.models import Mask

NO_MASKS: Mapping[UUID, UUID] = {}
_BEHIND = Prepared(lambda on: select(col(Mask.id), col(Mask.member_id)).where(on.among(col(Mask.id), "ids")))


def put_on(session: AsyncSession, community_id: UUID, member_id: UUID) -> UUID:
    """A new mask for a member."""
    mask = Mask(id=new_mask(), community_id=community_id, member_id=member_id)
    session.add(mask)
    return mask.id


async def behind(session: AsyncSession, ids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """The members behind the masks among these ids; nothing is asked where there are none."""
    masks = {one for one in ids if is_mask(one)}
    if not masks:
        return {}
    return {row.id: row.member_id for row in await _BEHIND.all(session, ids=list(masks))}


def worn_by(member_ids: Collection[UUID]) -> SelectOfScalar[UUID]:
    """The masks of these members."""
    return select(col(Mask.id)).where(col(Mask.member_id).in_(member_ids))


def as_in_thread(reader: Any, author_id: Any) -> ColumnElement[UUID]:
    """Who a member is in the thread of this author: their mask where it is theirs."""
    mine = select(col(Mask.id)).where(col(Mask.member_id) == reader).correlate_except(Mask)
    return case((author_id.in_(mine), author_id), else_=type_coerce(reader, author_id.type))


def written_by(author_id: Any) -> ColumnElement[bool]:
    """Whether the member `author_id`, bound when it is asked, wrote something, under whatever mask."""
    by: BindParameter[Any] = bindparam("author_id")
    return or_(author_id == by, author_id.in_(select(col(Mask.id)).where(col(Mask.member_id) == by)))


async def masked(session: AsyncSession, standing: Standing, mask: UUID) -> Standing:
    """What the caller is in a thread whose author wears this mask: who does, wears it in all that they do there.

    No message about the thread says who brought it about, whoever it was: else those without a name would be the author's.
    """
    context = context_of(session)
    context.actor, context.traceparent = SYSTEM_ACTOR, None
    if standing.member is None or (await behind(session, [mask])).get(mask) != standing.member.id:
        return standing
    return replace(standing, member=replace(standing.member, id=mask))


async def erase(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """Nobody learns any more what a person asked. After what they sent and were writing under their masks."""
    await session.execute(delete(Mask).where(col(Mask.member_id).in_(members_of(person_id))))


def masks_of(person_id: UUID) -> SelectOfScalar[UUID]:
    """The masks of a person in all communities."""
    return select(col(Mask.id)).where(col(Mask.member_id).in_(members_of(person_id)))


async def own_masks(session: AsyncSession, caller: Caller | None, ids: Iterable[UUID]) -> set[UUID]:
    """Those among these ids that are the caller's masks; nothing is asked where there are no masks."""
    masks = {one for one in ids if is_mask(one)}
    if caller is None or not masks:
        return set()
    return masks.intersection(await session.scalars(masks_of(caller.id)))


def members_of(person_id: UUID) -> Select[tuple[UUID]]:
    """The members that a person is."""
    return sqlalchemy.select(known.members.c.id).where(known.members.c.person_id == person_id)
