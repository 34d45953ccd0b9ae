"""What moderators do with a discussion, and how it is removed and restored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.problems import INVALID, FieldError
from chassis.web.work import Work
from contracts.content import ContentRemoval, DiscussionRemoved, DiscussionRestored
from services.content import featuring, removal
from services.content.deeds.service import deeds
from services.content.discussions.access import Seen, seen
from services.content.discussions.occasions import Turned, discussion_turned
from services.content.discussions.publishing import publish, put_off
from services.content.discussions.rules import MOVES, Cause, Move
from services.content.discussions.service import refuse, tell_updated
from services.content.discussions.texts import about
from services.content.permissions import CONTENT_REMOVE, CONTENT_RESTORE, DISCUSSIONS_MODERATE


async def move(work: Work, key: UUID, action: Move) -> Seen:
    """Lock, unlock, close or reopen."""
    found = await seen(work, key, lock=True, of=DISCUSSIONS_MODERATE)
    refuse(found, action)
    return await _change(work, found, action, {"status": MOVES[action][1]})


async def pin(work: Work, key: UUID, until: datetime | None) -> Seen:
    """Let it come first until a moment, or no longer."""
    found = await seen(work, key, lock=True, of=DISCUSSIONS_MODERATE)
    if until is not None and until <= work.now:
        raise INVALID(errors=[FieldError("/until", "past", "It must be in the future.", "须为将来的时间。")])
    refuse(found, "unpin" if until is None else "pin")
    return await _change(work, found, "unpin" if until is None else "pin", {"pinned_until": until})


async def feature(work: Work, key: UUID, *, featured: bool) -> Seen:
    """Single it out as worth reading, or no longer. Raises `CONFLICT_OF_INTEREST` for what the caller started."""
    found = await seen(work, key, lock=True, of=DISCUSSIONS_MODERATE)
    refuse(found, "feature" if featured else "unfeature")
    await featuring.change(work, found.discussion, about(found.discussion), found.standing, featured=featured)
    return found


async def _change(work: Work, found: Seen, action: str, values: dict[str, Any]) -> Seen:
    discussion = found.discussion
    changes = {name: [getattr(discussion, name), value] for name, value in values.items()}
    discussion.sqlmodel_update(values)
    await tell_updated(work, found)
    await audit(work.session, work.caller, discussion, action, changes, work.now)
    return found


async def remove(work: Work, key: UUID) -> Seen:
    """Take it away for all but its author and moderators."""
    found = await seen(work, key, lock=True, of=CONTENT_REMOVE)
    refuse(found, "remove")
    return await turn(work, found, [*found.discussion.causes, found.as_], "remove", found.as_)


async def restore(work: Work, key: UUID) -> Seen:
    """Take back what the caller removed, as a moderator what any moderator did; it is seen again when no cause is left."""
    found = await seen(work, key, lock=True, of=CONTENT_RESTORE)
    refuse(found, "restore")
    causes = [cause for cause in found.discussion.causes if cause != found.as_]
    return await turn(work, found, causes, "restore", found.as_)


async def turn(work: Work, found: Seen, causes: list[str], action: str, cause: Cause) -> Seen:
    """Give a locked discussion these live causes, of which this one is new or gone, and tell whether it is seen."""
    discussion, before = found.discussion, found.discussion.causes
    if discussion.publish_at is not None and len(causes) < len(before):
        await put_off(work.session, discussion, max(discussion.publish_at, work.now))
    hidden_since = discussion.removed_at
    if removal.caused(discussion, causes, work.now):
        removed = removal.is_removed(causes)
        if not removed:
            discussion.seen_since, discussion.hidden_since = work.now, hidden_since
            # Who read everything meanwhile has not read this.
            discussion.last_activity_at = work.now
        if removed or await deeds.was_told(work.session, discussion.id, "made"):
            kind: type[ContentRemoval] = DiscussionRemoved if removed else DiscussionRestored
            told = removal.told(kind, about(discussion), discussion, cause, work.now)
            await deeds.tell(work.session, "shown", [told])
        else:
            await publish(work.session, discussion, found.standing.community, work.now)
        await discussion_turned.happened(work.session, Turned(discussion, work.caller))
    if not found.mine:
        await audit(work.session, work.caller, discussion, action, {"causes": [before, causes]}, work.now)
    return found
