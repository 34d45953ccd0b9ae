"""Votes for ideas: one of each member, which can be taken back."""

from uuid import UUID

from chassis.messaging.outbox import Outgoing
from chassis.problems import NOT_FOUND
from chassis.web.work import Work
from contracts.ideas import IdeaUnvoted, IdeaVoted
from services.content.deeds.service import deeds
from services.content.ideas.access import SeenIdea, seen_idea, sees
from services.content.ideas.models import IdeaVote
from services.content.ideas.moving import end_locked, move_those_of
from services.content.ideas.service import refuse, state_of


async def vote(work: Work, key: UUID, *, given: bool) -> SeenIdea:
    """Give the caller's vote to an idea, or take it back; of a duplicate to the idea that it ends in. Answers where it counts."""
    asked = await seen_idea(work, key)
    found = SeenIdea(await end_locked(work.session, asked.idea.id), asked.standing)
    member_id = found.standing.member_id
    if member_id is None or not sees(found.standing, found.idea):
        raise NOT_FOUND()
    refuse(found, "vote")
    idea = found.idea
    await move_those_of(work.session, member_id, idea)
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
    await deeds.tell(work.session, "made" if new else "shown", [Outgoing(message, row.bump(), work.now)])
    return found
