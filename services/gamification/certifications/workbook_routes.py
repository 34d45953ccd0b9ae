"""HTTP of who fulfils a certification as a file."""

from uuid import UUID

from fastapi import Response

from chassis.budget import in_thread
from chassis.tabular import XLSX_TYPE
from chassis.web.dependencies import CallerDep, Localised, Now, RuntimeDep
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.gamification.certifications.models import Certification
from services.gamification.certifications.views import compliance
from services.gamification.certifications.workbook import compliance_file
from services.gamification.permissions import CERTIFICATIONS_COMPLIANCE

router = api_router(tags=["Certifications"])


@router.get("/v1/certifications/{certification_id}/compliance/xlsx")
@operation(permission=CERTIFICATIONS_COMPLIANCE, media_types=[XLSX_TYPE])
async def read_certification_compliance_workbook(
    certification_id: UUID, caller: CallerDep, runtime: RuntimeDep, now: Now, locale: Localised
) -> Response:
    """Read who fulfils a certification as a workbook: a row for each department and job grade, and all together in the last."""
    # Nothing of the database is held while the file is written, and each caller has one made at a time.
    async with runtime.interpreting.turn(caller.actor):
        async with runtime.database.reading() as session:
            work = Work(session, now, caller, CERTIFICATIONS_COMPLIANCE)
            found = await compliance(work, await work.permitted(Certification, certification_id), locale)
        content = await in_thread(lambda: compliance_file(found, locale), gentle=True)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="certification-{certification_id}.xlsx"',
        "Content-Language": locale,
        "Vary": "Accept-Language",
    }
    return Response(content, media_type=XLSX_TYPE, headers=headers)
