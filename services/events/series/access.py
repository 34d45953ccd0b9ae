"""A series and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.security.authority import Standing
from chassis.security.permissions import Permission, Reach
from chassis.web.work import Work
from services.events.activities.access import standing_in
from services.events.permissions import ACTIVITIES_READ, ACTIVITIES_WRITE
from services.events.series.models import Series


@dataclass(frozen=True, slots=True)
class SeenSeries:
    """A series that the caller may see, and what they are in its community."""

    series: Series
    standing: Standing

    @property
    def runs_it(self) -> bool:
        """Whether the caller is one of its organisers."""
        return self.standing.member_id is not None and str(self.standing.member_id) in self.series.organiser_ids

    @property
    def prepares(self) -> bool:
        """Whether the caller sees what only those who run it see."""
        return self.runs_it or Reach.ALL in ACTIVITIES_WRITE.reach(self.standing.columns)

    def may(self, wanted: Permission) -> bool:
        """Whether a permission reaches it."""
        reach = wanted.reach(self.standing.columns)
        return Reach.ALL in reach or (Reach.ASSIGNED in reach and self.runs_it)

    def may_self(self, wanted: Permission) -> bool:
        """Whether the caller may do it for themselves."""
        return self.standing.member_id is not None and Reach.OWN in wanted.reach(self.standing.columns)


async def seen_series(work: Work, key: UUID, *, lock: bool = False, of: Permission | None = None) -> SeenSeries:
    """The series, as `seen_activity`: of what was never announced only those who run it know. Raises `NOT_FOUND`, `FORBIDDEN`."""
    if work.permission is None:
        raise TypeError("an operation that sees declares a permission")
    series = await existing(work.session, Series, key, lock=lock)
    if series.announced_at is None:
        # Whether there is a draft is not told by what may be done with it.
        reader = await standing_in(work, series.community_id, ACTIVITIES_READ)
        if not SeenSeries(series, reader).prepares:
            raise NOT_FOUND()
    found = SeenSeries(series, await standing_in(work, series.community_id, work.permission))
    if of is not None and not found.may(of):
        raise FORBIDDEN()
    return found
