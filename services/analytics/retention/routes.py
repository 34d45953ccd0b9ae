"""HTTP of retention."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.web.dependencies import CallerDep, Read, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.values import Day
from services.analytics.permissions import RETENTION_READ
from services.analytics.retention import service
from services.analytics.retention.rules import CohortGrain, Count
from services.analytics.retention.schemas import COHORT_GRAIN, COUNT, RetentionPublic, written

router = api_router(tags=["Retention"])


@router.get("/v1/retention", response_model=RetentionPublic)
@operation(permission=RETENTION_READ)
async def read_retention(
    community_id: UUID,
    work: Read,
    caller: CallerDep,
    runtime: RuntimeDep,
    cohort: Annotated[
        CohortGrain, COHORT_GRAIN, Query(description="Who belongs together: who joined in the same week or month.")
    ] = CohortGrain.MONTH,
    count: Annotated[
        Count,
        COUNT,
        Query(
            description="`calendar`: cell k is the k-th week or month of the calendar after the one of joining. "
            "`rolling`: cell k of a member begins k weeks or months after the day on which they joined."
        ),
    ] = Count.CALENDAR,
    from_: Annotated[Day | None, Query(alias="from", description="A day of the first cohort.")] = None,
    to: Annotated[Day | None, Query(description="A day of the last cohort.")] = None,
    cells: Annotated[
        int | None,
        Query(
            ge=1, le=service.MOST, description="How many cells each cohort has; by default all that the first can have."
        ),
    ] = None,
    staff: Annotated[bool, Query(description="Also who ran the community on the day on which they joined.")] = False,
) -> Response:
    """Read how many of those who joined together are still active later on: of the last 12 cohorts, if no days are named.

    A cohort has everybody whose first day as a member is in its week (from Monday) or month, by the community's days; who left is still one of
    it, and who comes back too. Who was operator or owner on that first day is left out. Active is who did something, as `active_members`
    counts it, whatever they are by then; reading alone does not count. Cell 0 is the window of joining itself. Rolling windows that would
    begin on a day that a month does not have begin on its last day. A cell is null until its window has begun for everybody of the cohort.
    At most 120 cohorts are answered.
    """
    async with runtime.countings.turn(caller.actor):
        found = await service.read_retention(
            work, community_id=community_id, grain=cohort, count=count, from_=from_, to=to, width=cells, staff=staff
        )
    return Response(written(found, cohort, count), media_type="application/json")
