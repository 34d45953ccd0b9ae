"""HTTP of the privacy notice."""

from fastapi import Response

from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, NOT_FOUND
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.values import Version
from services.membership.permissions import PRIVACY_NOTICES_WRITE
from services.membership.privacy import service
from services.membership.privacy.models import PrivacyNotice
from services.membership.privacy.queries import current_notice
from services.membership.privacy.schemas import PrivacyNoticeCreate, PrivacyNoticePublic

router = api_router(tags=["Privacy"])


@router.post("/v1/privacy-notices", status_code=201)
@operation(
    permission=PRIVACY_NOTICES_WRITE,
    problems=[ALREADY_EXISTS],
    existing="The present version says the same.",
)
async def publish_privacy_notice(
    body: PrivacyNoticeCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> PrivacyNoticePublic:
    """Publish a version of the privacy notice. From then on, whoever activates an account or applies must agree to it."""
    notice, is_new = await service.publish(session, caller, body, now)
    response.status_code = 201 if is_new else 200
    created(response, f"/v1/privacy-notices/{notice.version}")
    return PrivacyNoticePublic.model_validate(notice)


@router.get("/v1/privacy-notices/current")
@operation(public=True, problems=[NOT_FOUND])
async def read_current_privacy_notice(session: Reading) -> PrivacyNoticePublic:
    """Read the present version of the privacy notice, if there is one. Needs no log-in."""
    notice = await current_notice(session)
    if notice is None:
        raise NOT_FOUND()
    return PrivacyNoticePublic.model_validate(notice)


@router.get("/v1/privacy-notices/{version}")
@operation(public=True, problems=[NOT_FOUND])
async def read_privacy_notice(version: Version, session: Reading) -> PrivacyNoticePublic:
    """Read one version of the privacy notice. Needs no log-in."""
    return PrivacyNoticePublic.model_validate(await existing(session, PrivacyNotice, version))
