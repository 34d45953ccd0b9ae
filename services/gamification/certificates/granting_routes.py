"""HTTP of certificates for what was before there was the template."""

from fastapi import Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Write
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.operations import api_router, operation
from services.gamification.certificates import granting
from services.gamification.certificates.problems import TEMPLATE_ARCHIVED
from services.gamification.certificates.schemas import CertificateGrant
from services.gamification.permissions import CERTIFICATES_ISSUE

router = api_router(tags=["Certificates"])

GRANTS = "/v1/certificates/grants"


@router.post(GRANTS, status_code=202)
@operation(permission=CERTIFICATES_ISSUE, problems=[ILLEGAL_TRANSITION, TEMPLATE_ARCHIVED])
async def grant_certificates(body: CertificateGrant, work: Write, response: Response) -> JobPublic:
    """Issue certificates to all who were at an activity, or came to a level, before there was the template; also to those who left since.

    They say the hours and the day of then. Who had one of these is issued none, nor is one that would have run out by now.
    `result` says how many were `issued`; of a dry run, how many would be.
    """
    job_id = await granting.start_granting(work, body)
    return await accepted_job(work.session, job_id, response, GRANTS)


job_routes(
    router,
    prefix=GRANTS,
    kind=granting.GRANTING,
    permission=CERTIFICATES_ISSUE,
    name="certificate_grant",
    errors=False,
)
