"""HTTP of the progress of a check-in plan as a file."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.budget import in_thread
from chassis.tabular import XLSX_TYPE
from chassis.web.dependencies import CallerDep, Localised, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.values import Day
from chassis.web.work import Work
from services.gamification.permissions import CHECKIN_PLANS_WRITE
from services.gamification.plans.access import seen_plan
from services.gamification.plans.progress import progress_of_all
from services.gamification.plans.workbook import progress_file

router = api_router(tags=["Check-in plans"])


@router.get("/v1/checkin-plans/{plan_id}/progress/xlsx")
@operation(permission=CHECKIN_PLANS_WRITE.to_read, media_types=[XLSX_TYPE])
async def read_checkin_plan_workbook(
    plan_id: UUID,
    caller: CallerDep,
    runtime: RuntimeDep,
    now: Now,
    locale: Localised,
    first: Annotated[Day | None, Query(alias="from", description="Only days from this one on.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Only days up to this one.")] = None,
) -> Response:
    """Read how far everybody who takes part is as a workbook: a row for each, a column for each day. At most 100,000 days of participants."""
    # Nothing of the database is held while the file is written, and each caller has one made at a time.
    async with runtime.interpreting.turn(caller.actor):
        async with runtime.database.reading() as session:
            work = Work(session, now, caller, CHECKIN_PLANS_WRITE.to_read)
            seen = await seen_plan(work, plan_id, of=CHECKIN_PLANS_WRITE.to_read)
            days, progress = await progress_of_all(session, seen, first, last, now)
        content = await in_thread(lambda: progress_file(days, progress, locale), gentle=True)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="checkin-plan-{plan_id}.xlsx"',
        "Content-Language": locale,
        "Vary": "Accept-Language",
    }
    return Response(content, media_type=XLSX_TYPE, headers=headers)
