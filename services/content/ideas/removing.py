"""How an idea is removed and restored."""

from uuid import UUID

from chassis.audit import audit
from chassis.messaging.outbox import Outgoing
from chassis.web.work import Work
from contracts.ideas import IdeaRemoved, IdeaRestored
from services.content import removal
from services.content.deeds.service import deeds
from services.content.discussions.rules import Cause
from services.content.ideas.access import SeenIdea, seen_idea
from services.content.ideas.occasions import Said, idea_said
from services.content.ideas.service import publish, refuse, state_of
from services.content.permissions import CONTENT_REMOVE, CONTENT_RESTORE


async def remove(work: Work, key: UUID) -> SeenIdea:
    """Take it away for all but its author and moderators; its votes stay."""
    found = await seen_idea(work, key, lock=True, of=CONTENT_REMOVE)
    refuse(found, "remove")
    return await turn(work, found, [*found.idea.causes, found.as_], "remove", found.as_)


async def restore(work: Work, key: UUID) -> SeenIdea:
    """Take back what the caller removed, as a moderator what any moderator did."""
    found = await seen_idea(work, key, lock=True, of=CONTENT_RESTORE)
    refuse(found, "restore")
    causes = [cause for cause in found.idea.causes if cause != found.as_]
    return await turn(work, found, causes, "restore", found.as_)


async def turn(work: Work, found: SeenIdea, causes: list[str], action: str, cause: Cause) -> SeenIdea:
    """Give a locked idea these live causes, of which this one is new or gone, and tell whether it is seen."""
    idea, before = found.idea, found.idea.causes
    if removal.caused(idea, causes, work.now):
        if await deeds.was_told(work.session, idea.id, "made"):
            kind = IdeaRemoved if causes else IdeaRestored
            message = kind(**state_of(idea), cause=cause)
            await deeds.tell(work.session, "shown", [Outgoing(message, idea.bump(), work.now)])
        elif not causes:
            await publish(work.session, idea, found.standing.community, work.now)
        await idea_said.happened(work.session, Said(idea, None))
    if not found.mine:
        await audit(work.session, work.caller, idea, action, {"causes": [before, causes]}, work.now)
    return found
