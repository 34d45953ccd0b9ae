"""What becomes of an idea: decided, or found to say the same as another."""

from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.jobs import start_job
from chassis.messaging.outbox import Outgoing
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, INVALID, refused
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.ideas import IdeaDecided, IdeaMerged
from services.content.deeds.service import deeds
from services.content.discussions.access import is_by
from services.content.discussions.schemas import shown_status
from services.content.ideas import moving, problems
from services.content.ideas.access import SeenIdea, seen_idea, sees
from services.content.ideas.models import Idea
from services.content.ideas.queries import end_of
from services.content.ideas.rules import EXPLAINED
from services.content.ideas.schemas import IdeaDecide
from services.content.ideas.service import refuse, state_of
from services.content.permissions import IDEAS_DECIDE


async def decide(work: Work, key: UUID, body: IdeaDecide, if_match: int) -> SeenIdea:
    """Say what becomes of the idea that was read, and no other. Raises `CONFLICT_OF_INTEREST`."""
    found = await seen_idea(work, key, lock=True, of=IDEAS_DECIDE)
    _may_decide(found, if_match)
    refuse(found, "decide", body.to)
    idea = found.idea
    if body.outcome_text is None and body.to in EXPLAINED:
        raise INVALID(errors=[problems.OUTCOME_MISSING])
    values: dict[str, Any] = {"status": body.to, "decided_by_id": found.standing.member_id, "decided_at": work.now}
    if body.outcome_text is not None or idea.status == "declined":
        values["outcome_text"] = body.outcome_text
    if body.sponsor_id is not None:
        await _require_member(work, idea, body.sponsor_id)
        values["sponsor_id"] = body.sponsor_id
    changes: dict[str, list[Any]] = {
        name: [getattr(idea, name), values[name]] for name in ("status", "sponsor_id") if name in values
    }
    idea.sqlmodel_update(values)
    idea.version += 1
    message = IdeaDecided(**state_of(idea), to=body.to)
    await deeds.tell(work.session, "decided", [Outgoing(message, idea.bump(), work.now)])
    await audit(work.session, work.caller, idea, "decide", changes, work.now)
    return found


async def merge(work: Work, key: UUID, into_id: UUID, if_match: int) -> SeenIdea:
    """Have the votes for an idea count for another, or for the one in which that ends: some at once, of very many the rest by a job.

    Raises `CONFLICT_OF_INTEREST`.
    """
    found = await seen_idea(work, key, of=IDEAS_DECIDE)
    source, target = found.idea, await _target(work, found, into_id)
    # In one order, whichever is merged into the other.
    for one in sorted((source.id, target.id)):
        await existing(work.session, Idea, one, lock=True)
    _may_decide(found, if_match)
    refuse(found, "merge")
    if is_by(found.standing, target.author_id):
        # The votes would be theirs.
        raise CONFLICT_OF_INTEREST()
    if target.causes or target.merged_into_id is not None:
        raise refused("illegal_transition", state=shown_status(target))
    before = source.status
    source.status, source.merged_into_id, source.votes = "duplicate", target.id, 0
    if await moving.move_some(work.session, source.id, target) == moving.AT_ONCE:
        params = {"idea_id": str(source.id)}
        await start_job(
            work.session, moving.MOVING, params, caller=work.caller, now=work.now, community_id=source.community_id
        )
    source.decided_by_id, source.decided_at = found.standing.member_id, work.now
    source.version += 1
    message = IdeaMerged(**state_of(source), merged_into=target.id)
    await deeds.tell(work.session, "merged", [Outgoing(message, source.bump(), work.now)])
    changes: dict[str, list[Any]] = {"status": [before, "duplicate"], "merged_into_id": [None, target.id]}
    await audit(work.session, work.caller, source, "merge", changes, work.now)
    return found


async def _target(work: Work, found: SeenIdea, into_id: UUID) -> Idea:
    """The idea in which a chain of merges ends. Who is merged in the meantime is another's end no longer."""
    target = await work.session.get(Idea, await end_of(work.session, into_id))
    if target is None or target.community_id != found.idea.community_id or not sees(found.standing, target):
        raise INVALID(errors=[problems.UNKNOWN_IDEA])
    if target.id == found.idea.id:
        raise INVALID(errors=[problems.SAME_IDEA])
    return target


def _may_decide(found: SeenIdea, if_match: int) -> None:
    if found.standing.member_id is None:
        raise FORBIDDEN()
    require_match(found.idea.version, if_match)
    if found.mine:
        raise CONFLICT_OF_INTEREST()


async def _require_member(work: Work, idea: Idea, member_id: UUID) -> None:
    member = await known_member(work.session, member_id)
    if member is None or member.community_id != idea.community_id or member.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_MEMBER])
