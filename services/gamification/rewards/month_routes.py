"""HTTP of what members had in a month."""

from uuid import UUID

from fastapi import Response

from chassis.tabular import XLSX_TYPE
from chassis.web.dependencies import CallerDep, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.values import Month
from chassis.web.work import Work
from services.gamification.permissions import REDEMPTIONS_DECIDE
from services.gamification.rewards import months, problems

router = api_router(tags=["Redemptions"])


@router.get("/v1/redemptions/months/{month}")
@operation(permission=REDEMPTIONS_DECIDE.to_read, problems=[problems.MONTH_TOO_LONG], media_types=[XLSX_TYPE])
async def read_redemption_month(
    month: Month, community_id: UUID, caller: CallerDep, runtime: RuntimeDep, now: Now
) -> Response:
    """Read what members had handed over in a month, person by person, with its market value, as a workbook. Each time is recorded.

    Nothing of the database is held while it is written, and each caller has one written at a time.
    """
    async with runtime.interpreting.turn(caller.actor):
        async with runtime.database.reading() as session:
            rows = await months.of_month(Work(session, now, caller, REDEMPTIONS_DECIDE.to_read), community_id, month)
        content = await months.workbook(month, rows)
    async with runtime.database.transaction() as session:
        await months.record(Work(session, now, caller, REDEMPTIONS_DECIDE.to_read), community_id, month)
    headers = {
        "Content-Disposition": f'attachment; filename="redemptions-{month}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=XLSX_TYPE, headers=headers)
