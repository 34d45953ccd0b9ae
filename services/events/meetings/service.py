"""Use cases of meetings: agenda and minutes, and what somebody is to do until a day."""

from typing import Any
from uuid import UUID

from chassis.audit import audit
from chassis.messaging.outbox import Outgoing
from chassis.problems import FORBIDDEN, INVALID, refused
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.events import ActionItemAssigned, ActionItemCompleted, MeetingMinuted
from services.events.deeds.service import deeds
from services.events.meetings import problems
from services.events.meetings.access import SeenItem, SeenMeeting, seen_item, seen_meeting
from services.events.meetings.models import ActionItem
from services.events.meetings.reminding import plan_reminder
from services.events.meetings.schemas import ActionItemClose, ActionItemCreate, ActionItemPatch, MeetingPatch
from services.events.permissions import (
    ACTION_ITEMS_ASSIGN,
    ACTION_ITEMS_COMPLETE,
    ACTION_ITEMS_READ,
    MEETINGS_WRITE,
)


async def write(work: Work, activity_id: UUID, body: MeetingPatch, if_match: int) -> SeenMeeting:
    """Write the agenda, the minutes, the decisions. With the first minutes the meeting is minuted."""
    seen = await seen_meeting(work, activity_id, of=MEETINGS_WRITE, lock=True)
    meeting = seen.meeting
    require_match(meeting.version, if_match)
    changes = changed_by(body.model_dump(include=body.model_fields_set), meeting)
    if not changes:
        return seen
    meeting.sqlmodel_update({name: after for name, (_, after) in changes.items()})
    meeting.version += 1
    if meeting.minutes and meeting.minuted_at is None:
        meeting.minuted_at = work.now
        await work.session.flush()
        told = MeetingMinuted(
            community_id=meeting.community_id, activity_id=activity_id, title=seen.found.activity.title
        )
        await deeds.tell(work.session, "made", [Outgoing(told, meeting.bump(), work.now)])
    fields: dict[str, list[Any]] = {"fields": [None, sorted(changes)]}
    await audit(work.session, work.caller, seen.found.activity, "write_minutes", fields, work.now)
    return seen


async def assign(work: Work, body: ActionItemCreate) -> SeenItem:
    """Have somebody do something until a day."""
    seen = await seen_meeting(work, body.activity_id, of=ACTION_ITEMS_ASSIGN)
    await _require_owner(work, seen.meeting.community_id, body.owner_id)
    item = ActionItem(**body.model_dump(), community_id=seen.meeting.community_id, created_at=work.now)
    work.session.add(item)
    await _assigned(work, item)
    await plan_reminder(work.session, item, work.now)
    await audit(work.session, work.caller, item, "create", {"title": [None, item.title]}, work.now)
    return SeenItem(item, seen.found.standing, seen.invited)


async def change(work: Work, key: UUID, body: ActionItemPatch, if_match: int) -> SeenItem:
    """Let another do it, or until another day."""
    seen = await seen_item(work, key, of=ACTION_ITEMS_ASSIGN, lock=True)
    item = seen.item
    require_match(item.version, if_match)
    if item.status != "open":
        raise refused("illegal_transition", state=item.status)
    changes = changed_by(body.model_dump(include=body.model_fields_set), item)
    if not changes:
        return seen
    if "owner_id" in changes:
        await _require_owner(work, item.community_id, body.owner_id)
    item.sqlmodel_update({name: after for name, (_, after) in changes.items()})
    item.version += 1
    await _assigned(work, item)
    await plan_reminder(work.session, item, work.now)
    told = {name: [str(before), str(after)] for name, (before, after) in changes.items()}
    await audit(work.session, work.caller, item, "update", told, work.now)
    return seen


async def close(work: Work, key: UUID, body: ActionItemClose) -> SeenItem:
    """Say that it is done, or, who assigns it, that nobody does it any more. Again, it changes nothing."""
    seen = await seen_item(work, key, of=ACTION_ITEMS_READ, lock=True)
    wanted = ACTION_ITEMS_COMPLETE if body.status == "done" else ACTION_ITEMS_ASSIGN
    if not seen.may(wanted):
        raise FORBIDDEN()
    item = seen.item
    if item.status == body.status:
        return seen
    if item.status != "open":
        raise refused("illegal_transition", state=item.status)
    item.sqlmodel_update({"status": body.status, "closed_at": work.now, "version": item.version + 1})
    await work.session.flush()
    await plan_reminder(work.session, item, work.now)
    if body.status == "done":
        told = Outgoing(ActionItemCompleted(**_state(item)), item.bump(), work.now)
        await deeds.tell(work.session, "ended", [told])
    await audit(work.session, work.caller, item, "close", {"status": ["open", body.status]}, work.now)
    return seen


async def _assigned(work: Work, item: ActionItem) -> None:
    await work.session.flush()
    told = Outgoing(ActionItemAssigned(**_state(item)), item.bump(), work.now)
    await deeds.tell(work.session, "made" if told.version == 1 else "changed", [told])


def _state(item: ActionItem) -> dict[str, Any]:
    return item.model_dump(include={"community_id", "activity_id", "title", "owner_id", "due_on"}) | {
        "action_item_id": item.id
    }


async def _require_owner(work: Work, community_id: UUID, member_id: UUID) -> None:
    member = await known_member(work.session, member_id)
    if member is None or member.community_id != community_id or member.status in LEFT_STATUSES:
        raise INVALID(errors=[problems.NO_OWNER])
