"""A retrospective and what the caller is to it."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import NOT_FOUND
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Reach
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.permissions import RETROSPECTIVES_WRITE
from services.events.retrospectives.models import Retrospective


@dataclass(frozen=True, slots=True)
class SeenRetrospective:
    """A retrospective that the caller reads and writes; both are for the same people."""

    retrospective: Retrospective
    standing: Standing


async def seen_retrospective(work: Work, key: UUID, *, lock: bool = False) -> SeenRetrospective:
    """The retrospective, if the caller runs its activity or the community. Raises `NOT_FOUND`, and what `authorize` raises."""
    noted = await existing(work.session, Retrospective, key)
    # Who writes none does not learn which there are.
    standing = await authorize(
        work.session,
        work.caller,
        RETROSPECTIVES_WRITE,
        noted.community_id,
        assigned=True,
        seen_by=RETROSPECTIVES_WRITE,
        now=work.now,
    )
    if not writes_all(standing) and not await _holds(work, noted):
        raise NOT_FOUND()
    row = await existing(work.session, Retrospective, key, lock=True) if lock else noted
    return SeenRetrospective(row, standing)


async def _holds(work: Work, row: Retrospective) -> bool:
    """Whether the caller runs the activity that it is about, or speaks there as a lecturer."""
    if row.activity_id is None:
        return False
    return (await seen_activity(work, row.activity_id)).may(RETROSPECTIVES_WRITE)


def writes_all(standing: Standing) -> bool:
    """Whether somebody writes all retrospectives of a community."""
    return Reach.ALL in RETROSPECTIVES_WRITE.reach(standing.columns)
