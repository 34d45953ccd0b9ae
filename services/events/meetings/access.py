"""A meeting, an action item, and what the caller is to them."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.queries import runs
from services.events.meetings.models import ActionItem, Meeting
from services.events.meetings.occasions import AskedIn, invitation_asked
from services.events.permissions import ACTION_ITEMS_READ


@dataclass(frozen=True, slots=True)
class SeenMeeting:
    """A meeting that the caller may read; nobody has written anything of one that has version 1 and no row yet."""

    meeting: Meeting
    found: SeenActivity
    invited: bool

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.found.standing.columns)
        return Reach.ALL in reach or (Reach.ASSIGNED in reach and (self.found.runs_it or self.invited))


@dataclass(frozen=True, slots=True)
class SeenItem:
    """An action item that the caller may read."""

    item: ActionItem
    standing: Standing
    invited: bool

    @property
    def mine(self) -> bool:
        """Whether the caller is to do it."""
        return self.standing.member_id == self.item.owner_id

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.standing.columns)
        return Reach.ALL in reach or (Reach.OWN in reach and self.mine) or (Reach.ASSIGNED in reach and self.invited)


async def seen_meeting(work: Work, activity_id: UUID, *, of: Permission, lock: bool = False) -> SeenMeeting:
    """The meeting, if the caller is invited, runs it, or runs the community. Raises `NOT_FOUND`, `FORBIDDEN`."""
    found = await seen_activity(work, activity_id, lock=lock)
    activity = found.activity
    if activity.kind != "meeting":
        raise NOT_FOUND()
    invited = await _is_invited(work, activity.id, found.standing)
    meeting = await work.session.get(Meeting, activity.id, with_for_update=True if lock else None)
    if meeting is None:
        meeting = Meeting(activity_id=activity.id, community_id=activity.community_id)
        if lock:
            work.session.add(meeting)
    seen = SeenMeeting(meeting, found, invited or found.runs_it)
    if not seen.may(of):
        raise FORBIDDEN()
    return seen


async def seen_item(work: Work, key: UUID, *, of: Permission, lock: bool = False) -> SeenItem:
    """The action item, if the caller is to do it, was invited to its meeting, or runs the community."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    item = await existing(work.session, ActionItem, key, lock=lock)
    reader = await _standing(work, item, ACTION_ITEMS_READ)
    owns = reader.member_id == item.owner_id
    invited = owns or await _is_invited(work, item.activity_id, reader) or await _runs(work, item.activity_id, reader)
    if not SeenItem(item, reader, invited).may(ACTION_ITEMS_READ):
        raise NOT_FOUND()
    standing = reader if work.permission == ACTION_ITEMS_READ else await _standing(work, item, work.permission)
    seen = SeenItem(item, standing, invited)
    if not seen.may(of):
        raise FORBIDDEN()
    return seen


async def _standing(work: Work, item: ActionItem, wanted: Permission) -> Standing:
    return await authorize(
        work.session,
        work.caller,
        wanted,
        item.community_id,
        own=True,
        assigned=True,
        seen_by=ACTION_ITEMS_READ,
        now=work.now,
    )


async def _is_invited(work: Work, activity_id: UUID, standing: Standing) -> bool:
    if standing.member_id is None:
        return False
    return any(await invitation_asked.happened(work.session, AskedIn(activity_id, standing.member_id)))


async def _runs(work: Work, activity_id: UUID, standing: Standing) -> bool:
    return standing.member_id is not None and await runs(work.session, activity_id, standing.member_id)
