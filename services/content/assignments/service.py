"""Use case of assignments: asking somebody to answer a question."""

from uuid import UUID

from chassis.audit import audit
from chassis.problems import INVALID
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.web.work import Work
from services.content.assignments import problems
from services.content.assignments.models import Assignment
from services.content.discussions.access import Seen, seen
from services.content.discussions.service import refuse
from services.content.groups import members_seeing
from services.content.permissions import DISCUSSIONS_MODERATE


async def assign(work: Work, key: UUID, member_id: UUID | None) -> Seen:
    """Put a question among a member's tasks, in the place of whose it was. Others may answer as well."""
    found = await seen(work, key, lock=True, of=DISCUSSIONS_MODERATE)
    discussion = found.discussion
    refuse(found, "assign")
    if member_id is not None:
        await _may_answer(work, found, member_id)
    row = await work.session.get(Assignment, key)
    before = row.member_id if row is not None else None
    if before == member_id:
        return found
    if row is not None and member_id is None:
        await work.session.delete(row)
    elif row is not None and member_id is not None:
        row.member_id, row.assigned_at = member_id, work.now
    elif member_id is not None:
        work.session.add(Assignment(discussion_id=key, member_id=member_id, assigned_at=work.now))
    discussion.version += 1
    await work.session.flush()
    await audit(work.session, work.caller, discussion, "assign", {"assigned_to_id": [before, member_id]}, work.now)
    return found


async def _may_answer(work: Work, found: Seen, member_id: UUID) -> None:
    member = await known_member(work.session, member_id)
    if member is None or member.community_id != found.discussion.community_id or member.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_MEMBER])
    group_id = found.discussion.group_id
    if group_id is not None and not await members_seeing(work.session, group_id, [member_id]):
        raise INVALID(errors=[problems.NO_MEMBER])
    if member_id == found.discussion.author_id:
        raise INVALID(errors=[problems.ASKED_IT])
