"""Duplicates: one discussion goes into another, which has its replies from then on."""

from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.ids import is_mask
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID
from chassis.web.work import Work
from contracts.content import DiscussionMerged
from services.content.deeds.service import deeds
from services.content.discussions import problems
from services.content.discussions.access import Seen, ends_of, seen
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Turned, discussion_turned
from services.content.discussions.rules import MERGEABLE, MERGED
from services.content.discussions.service import refuse
from services.content.permissions import DISCUSSIONS_MODERATE


async def merge(work: Work, key: UUID, into: UUID) -> Seen:
    """Merge a duplicate, for ever: it is closed and in no list, and a job takes its replies and who follows it to the other.

    Both are locked in the order of their ids, so that two that are merged into each other at once do not wait for one another.
    Raises `NOT_MERGEABLE`, `INVALID`.
    """
    noted = (await seen(work, key, of=DISCUSSIONS_MODERATE)).discussion
    target_id = await _target_of(work, noted, into)
    for one in sorted({key, target_id}):
        await existing(work.session, Discussion, one, lock=True)
    found = await seen(work, key, lock=True, of=DISCUSSIONS_MODERATE)
    refuse(found, "merge")
    discussion, target = found.discussion, await existing(work.session, Discussion, target_id)
    if target.id == discussion.id:
        raise INVALID(errors=[problems.INTO_ITSELF])
    if target.kind not in MERGEABLE or target.causes or is_mask(target.author_id):
        raise INVALID(errors=[problems.NO_TARGET])
    if target.group_id != discussion.group_id:
        # Others would read what was said in a group, or lose sight of what was said outside.
        raise INVALID(errors=[problems.OF_ANOTHER_GROUP])
    changes: dict[str, list[Any]] = {
        "merged_into_id": [None, target.id],
        "status": [discussion.status, "closed"],
        "accepted_reply_id": [discussion.accepted_reply_id, None],
    }
    discussion.merged_into_id, discussion.status = target.id, "closed"
    discussion.causes, discussion.removed_at = [MERGED], work.now
    # Whose answer helped there keeps what it earned; here who asked this decides.
    discussion.accepted_reply_id, discussion.accepted_removed = None, False
    discussion.pinned_until = None
    discussion.version += 1
    message = DiscussionMerged(community_id=discussion.community_id, discussion_id=discussion.id, into_id=target.id)
    await deeds.tell(work.session, "merged", [Outgoing(message, discussion.bump(), work.now)])
    if work.caller is not None:
        await discussion_turned.happened(work.session, Turned(discussion, work.caller))
    await audit(work.session, work.caller, discussion, "merge", changes, work.now)
    return found


async def _target_of(work: Work, noted: Discussion, into: UUID) -> UUID:
    named = await work.session.get(Discussion, into)
    if named is None or named.community_id != noted.community_id:
        raise INVALID(errors=[problems.NO_TARGET])
    return (await ends_of(work.session, [named])).get(named.id, named).id
