"""Giving and taking back a reaction, and who reacted how."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.messaging.outbox import Outgoing
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from contracts.content import ReactionAdded, ReactionRemoved
from contracts.fields import ContentObject
from services.content.deeds.service import deeds
from services.content.reactions.models import Kind, Reaction
from services.content.reactions.schemas import ReactedPublic


class Counted(Protocol):
    """A row that counts the reactions to it."""

    id: UUID
    community_id: UUID
    reactions: dict[str, int]


async def react(
    work: Work, row: Counted, about: ContentObject, by: UUID | None, kind: Kind, *, given: bool, tags: Sequence[str]
) -> ReactedPublic:
    """Give a reaction or take it back; the row is locked. Raises `NOT_FOUND` for who is no member."""
    if by is None:
        raise NOT_FOUND()
    if given:
        await _give(work, row, about, tags, by, kind)
    else:
        await _take_back(work, row, about, tags, by, kind)
    mine = await reacted(work.session, by, [row.id])
    return ReactedPublic(reactions=row.reactions, reacted=mine.get(row.id, []))


async def _give(work: Work, row: Counted, about: ContentObject, tags: Sequence[str], by: UUID, kind: Kind) -> None:
    """Given already, nothing changes."""
    reaction = await _one(work.session, by, about.id, kind)
    if reaction is not None and reaction.given:
        return
    new = reaction is None
    if reaction is None:
        reaction = Reaction(
            community_id=row.community_id,
            member_id=by,
            object_kind=about.kind,
            object_id=about.id,
            reaction=kind,
            created_at=work.now,
            changed_at=work.now,
        )
        work.session.add(reaction)
    reaction.given, reaction.changed_at = True, work.now
    await work.session.flush()
    row.reactions = counted(row.reactions, kind, 1)
    told = message_of(ReactionAdded, reaction, about, tags)
    await deeds.tell(work.session, "made" if new else "shown", [Outgoing(told, reaction.bump(), work.now)])


async def _take_back(work: Work, row: Counted, about: ContentObject, tags: Sequence[str], by: UUID, kind: Kind) -> None:
    """Not given, nothing changes."""
    reaction = await _one(work.session, by, about.id, kind)
    if reaction is None or not reaction.given:
        return
    reaction.given, reaction.changed_at = False, work.now
    row.reactions = counted(row.reactions, kind, -1)
    told = message_of(ReactionRemoved, reaction, about, tags)
    await deeds.tell(work.session, "shown", [Outgoing(told, reaction.bump(), work.now)])


def counted(reactions: Mapping[str, int], kind: str, more: int) -> dict[str, int]:
    """The counts with one more or less of a kind."""
    counts = {**reactions, kind: reactions.get(kind, 0) + more}
    return {name: count for name, count in counts.items() if count > 0}


async def reacted(session: AsyncSession, member_id: UUID | None, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """How a member reacted to each of these, in one statement; nobody in particular to nothing."""
    return await reacted_by(session, [member_id] if member_id is not None else [], ids)


async def reacted_by(
    session: AsyncSession, member_ids: Collection[UUID], ids: Collection[UUID]
) -> dict[UUID, list[str]]:
    """How these members reacted; one person's in several communities, so that each thing has one at most."""
    if not member_ids or not ids:
        return {}
    mine = select(col(Reaction.object_id), col(Reaction.reaction)).where(
        among(session, col(Reaction.member_id), member_ids),
        among(session, col(Reaction.object_id), ids),
        col(Reaction.given),
    )
    found: dict[UUID, list[str]] = {}
    for object_id, kind in (await session.execute(mine.order_by(col(Reaction.reaction)))).all():
        found.setdefault(object_id, []).append(kind)
    return found


async def _one(session: AsyncSession, member_id: UUID, object_id: UUID, kind: Kind) -> Reaction | None:
    one = select(Reaction).where(
        col(Reaction.member_id) == member_id, col(Reaction.object_id) == object_id, col(Reaction.reaction) == kind
    )
    return (await session.execute(one)).scalar_one_or_none()


def message_of(
    kind: type[ReactionAdded | ReactionRemoved], reaction: Reaction, about: ContentObject, tags: Sequence[str]
) -> ReactionAdded | ReactionRemoved:
    """What is told of a reaction to a piece of content."""
    return kind(
        community_id=reaction.community_id,
        reaction_id=reaction.id,
        reaction=reaction.reaction,
        member_id=reaction.member_id,
        object=about,
        tags=tuple(tags),
    )


async def move_reactions(session: AsyncSession, source: Counted, target: Counted) -> None:
    """Have the reactions to one locked thing be to another, except of who reacted to both: each stays the same reaction, paid as it was."""
    both = aliased(Reaction)
    there = exists().where(
        col(both.object_id) == target.id,
        col(both.member_id) == col(Reaction.member_id),
        col(both.reaction) == col(Reaction.reaction),
    )
    going = update(Reaction).where(col(Reaction.object_id) == source.id, ~there).values(object_id=target.id)
    await session.execute(going.execution_options(synchronize_session=False))
    for thing in (source, target):
        counted = select(col(Reaction.reaction), func.count().label("n")).where(
            col(Reaction.object_id) == thing.id, col(Reaction.given)
        )
        rows = await session.execute(counted.group_by(col(Reaction.reaction)).order_by(col(Reaction.reaction)))
        thing.reactions = {row.reaction: row.n for row in rows}
