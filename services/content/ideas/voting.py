"""Votes for ideas: one of each member, taken back again, and moved when ideas are merged."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, literal, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import Outgoing
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from contracts.ideas import IdeaUnvoted, IdeaVoted
from services.content.deeds.service import tell_deeds
from services.content.ideas.access import SeenIdea, seen_idea, sees
from services.content.ideas.models import Idea, IdeaVote
from services.content.ideas.queries import end_of
from services.content.ideas.service import refuse, state_of

_VOTES: Table = IdeaVote.__table__  # type: ignore[attr-defined]
_OF_SOURCE = select(
    bindparam("target", type_=_VOTES.c.idea_id.type), _VOTES.c.member_id, _VOTES.c.given, _VOTES.c.voted_at, literal(0)
).where(_VOTES.c.idea_id == bindparam("source"), _VOTES.c.given)
_MOVED: Prepared[Any] = Prepared(
    lambda on: (
        on.insert(_VOTES)
        .from_select(["idea_id", "member_id", "given", "voted_at", "messages_published"], _OF_SOURCE)
        .on_conflict_do_update(index_elements=["idea_id", "member_id"], set_={"given": true()})
    )
)
_TAKEN: Prepared[Any] = Prepared(delete(_VOTES).where(_VOTES.c.idea_id == bindparam("source")))
_COUNTED = Prepared(select(func.count()).where(_VOTES.c.idea_id == bindparam("target"), _VOTES.c.given))


async def vote(work: Work, key: UUID, *, given: bool) -> SeenIdea:
    """Give the caller's vote to an idea, or take it back; of a duplicate to the idea that it ends in. Answers where it counts."""
    asked = await seen_idea(work, key)
    found = SeenIdea(await _end(work, asked.idea), asked.standing)
    member_id = found.standing.member_id
    if member_id is None or not sees(found.standing, found.idea):
        raise NOT_FOUND()
    refuse(found, "vote")
    idea = found.idea
    row = await work.session.get(IdeaVote, (idea.id, member_id))
    if given == (row is not None and row.given):
        return found
    new = row is None or not row.messages_published
    if row is None:
        row = IdeaVote(idea_id=idea.id, member_id=member_id, voted_at=work.now)
        work.session.add(row)
    row.given, row.voted_at = given, work.now
    idea.votes += 1 if given else -1
    await work.session.flush()
    kind = IdeaVoted if given else IdeaUnvoted
    message = kind(**state_of(idea), member_id=member_id)
    await tell_deeds(work.session, "made" if new else "shown", [Outgoing(message, row.bump(), work.now)])
    return found


async def _end(work: Work, idea: Idea) -> Idea:
    """The locked idea at the end of its merges. Who was merged while others waited has another end: that comes later in the chain."""
    key = await end_of(work.session, idea.id)
    locked = await existing(work.session, Idea, key, lock=True)
    while locked.merged_into_id is not None:
        locked = await existing(work.session, Idea, locked.merged_into_id, lock=True)
    return locked


async def move(session: AsyncSession, source: Idea, target: Idea) -> None:
    """Let the votes for one locked idea count for another: who voted for both has one vote."""
    await session.flush()
    await _MOVED.run(session, source=source.id, target=target.id)
    await _TAKEN.run(session, source=source.id)
    source.votes, target.votes = 0, await _COUNTED.one(session, target=target.id)
