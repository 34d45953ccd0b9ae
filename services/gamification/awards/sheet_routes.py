"""HTTP of awards by hand from a table."""

from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from chassis.budget import in_thread
from chassis.imports.declaration import SPREADSHEETS
from chassis.problems import CONFLICT_OF_INTEREST
from chassis.security.authority import authorize
from chassis.tabular import TABLE_INVALID, XLSX_TYPE
from chassis.web.dependencies import CallerDep, LaterTransaction, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.uploads import EMPTY_UPLOAD, receive_upload
from chassis.web.work import Work
from services.gamification.awards import problems, sheets
from services.gamification.awards.rules import MOST_ROWS
from services.gamification.awards.schemas import AwardsMade
from services.gamification.awards.views import shown
from services.gamification.permissions import AWARDS_CREATE

LARGEST: Final = 2 * 1024 * 1024
_SECONDS: Final = 4.0
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": f"A file with these columns, in any order, and at most {MOST_ROWS} rows: `employee_no` (工号), `points` (积分), "
    "`reason` (理由), and, if wanted, `citation` (颁奖词).",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}},
    },
}

router = api_router(tags=["Awards"])


@router.post("/v1/awards/sheets", status_code=201, openapi_extra={"requestBody": _BODY})
@operation(
    permission=AWARDS_CREATE,
    problems=[
        problems.BUDGET_SPENT,
        problems.NO_APPROVER,
        CONFLICT_OF_INTEREST,
        TABLE_INVALID,
        EMPTY_UPLOAD,
    ],
    located=False,
    max_body=LARGEST,
)
async def create_awards_from_sheet(
    community_id: UUID, request: Request, runtime: RuntimeDep, caller: CallerDep, begin: LaterTransaction, now: Now
) -> AwardsMade:
    """Give several members points by hand, as a table names them: all or none. Each above 100 points waits for approval.

    What is wrong is said of each cell, by the number of its row in the file.
    """
    # A file is looked at for those alone who may send it, and while no transaction is open.
    async with runtime.database.reading(request_id=request.state.request_id) as session:
        await authorize(session, caller, AWARDS_CREATE, community_id, now=now)
    file = await receive_upload(request, accepted=SPREADSHEETS, limit=LARGEST)
    async with runtime.interpreting.turn(caller.actor):
        rows = await in_thread(lambda: sheets.rows_of(file.content(), file.content_type), seconds=_SECONDS, gentle=True)
    work = Work(await begin(), now, caller, AWARDS_CREATE)
    awards = await sheets.propose(work, community_id, rows)
    standing = await authorize(work.session, caller, AWARDS_CREATE, community_id, now=now)
    return AwardsMade(items=await shown(work, awards, standing))
