"""Work calendars over HTTP."""

from typing import Annotated

from fastapi import Query

from chassis.bounds import FIRST_YEAR, LAST_YEAR
from chassis.web.dependencies import CallerDep, Reading
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page
from services.membership.people.access import require_active
from services.membership.permissions import WORK_CALENDARS_READ
from services.membership.work_calendars.queries import as_known, imported
from services.membership.work_calendars.schemas import WorkCalendarPublic

router = api_router(tags=["Work calendars"])


@router.get("/v1/work-calendars")
@operation(permission=WORK_CALENDARS_READ)
async def list_work_calendars(
    caller: CallerDep,
    session: Reading,
    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="Only this year.")] = None,
) -> Page[WorkCalendarPublic]:
    """List which days are off and which are worked, the latest year first. A year that is not listed is not known yet.

    Everybody who is logged in may.
    """
    if caller.kind == "person":
        await require_active(session, caller)
    known = as_known(await imported(session, None if year is None else [year]))
    latest_first = sorted(known.values(), key=lambda one: one.year, reverse=True)
    return Page(items=[WorkCalendarPublic.of(one) for one in latest_first if year in {None, one.year}])
