"""An activity and what the caller is to it."""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND, Problem
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.activities.speaking import speaks_at
from services.events.permissions import ACTIVITIES_READ, ACTIVITIES_WRITE


@dataclass(frozen=True, slots=True)
class SeenActivity:
    """An activity that the caller may see, and what they are in its community."""

    activity: Activity
    standing: Standing
    lectures: bool = False
    """Whether the caller is a lecturer here and speaks at it, without running it: they may do what those who run it may."""

    @property
    def runs_it(self) -> bool:
        """Whether the caller is one of its organisers."""
        return self.standing.member_id is not None and str(self.standing.member_id) in self.activity.organiser_ids

    @property
    def prepares(self) -> bool:
        """Whether the caller sees what only those who run it see."""
        return self.runs_it or Reach.ALL in ACTIVITIES_WRITE.reach(self.standing.columns)

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.standing.columns)
        return Reach.ALL in reach or (Reach.ASSIGNED in reach and (self.runs_it or self.lectures))


async def seen_activity(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> SeenActivity:
    """The activity, if the operation's permission reaches it: of a draft only those who run it or speak at it know.

    `of`: the operation is for those who run it, and this is its permission. Raises `NOT_FOUND`, `FORBIDDEN`, and what `authorize`
    raises.
    """
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    activity = await existing(work.session, Activity, key, lock=lock)
    if not is_announced(activity):
        # Whether there is a draft is not told by what may be done with it.
        reader = SeenActivity(
            activity, await standing_in(work, activity.community_id, ACTIVITIES_READ, activity_id=activity.id)
        )
        if not reader.prepares and not await speaks_at(work.session, work.caller, activity.id):
            raise NOT_FOUND()
    found = SeenActivity(
        activity, await standing_in(work, activity.community_id, work.permission, activity_id=activity.id)
    )
    if "L" in found.standing.columns and not found.prepares and await speaks_at(work.session, work.caller, activity.id):
        found = replace(found, lectures=True)
    if of is not None and not found.may(of):
        raise FORBIDDEN()
    return found


async def standing_in(
    work: Work, community_id: UUID, wanted: Permission, *, activity_id: UUID | None = None
) -> Standing:
    """What the caller is in a community whose activities they may know of, and how far a permission reaches there.

    Of a community that is hidden from them, a colleague who was never a member knows the activity at which they speak.
    """
    try:
        return await _authorized(work, community_id, wanted, activity_id)
    except Problem as refusal:
        colleague = work.caller is not None and work.caller.kind == "person" and refusal.type is NOT_FOUND
        if activity_id is None or not colleague or not await speaks_at(work.session, work.caller, activity_id):
            raise
    return await _authorized(work, community_id, wanted, activity_id, invited=True)


async def _authorized(
    work: Work, community_id: UUID, wanted: Permission, activity_id: UUID | None, *, invited: bool = False
) -> Standing:
    return await authorize(
        work.session,
        work.caller,
        wanted,
        community_id,
        own=True,
        assigned=True,
        activity_id=activity_id,
        invited=invited,
        seen_by=ACTIVITIES_READ,
        now=work.now,
    )


def is_announced(activity: Activity) -> bool:
    """Whether members know of it, whatever became of it since."""
    return activity.announced_at is not None
