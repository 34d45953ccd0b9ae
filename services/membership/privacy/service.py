"""Publishing the privacy notice, and keeping who agreed to it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.problems import FieldError
from chassis.security.caller import Caller
from services.membership.permissions import PRIVACY_NOTICES_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.privacy.models import PrivacyAgreement, PrivacyNotice
from services.membership.privacy.problems import PRIVACY_NOTICE_NOT_AGREED
from services.membership.privacy.queries import current_notice
from services.membership.privacy.schemas import PrivacyNoticeCreate

Occasion = Literal["activation", "application"]


async def publish(
    session: AsyncSession, caller: Caller, body: PrivacyNoticeCreate, now: datetime
) -> tuple[PrivacyNotice, bool]:
    """Make a version of the notice; one that says the same as the present one makes none. Returns it and whether it is new."""
    await authorize_platform_now(session, caller, PRIVACY_NOTICES_WRITE)
    present = await current_notice(session)
    if present is not None and (present.text_zh, present.text_en) == (body.text_zh, body.text_en):
        return present, False
    version = present.version + 1 if present else 1
    notice = PrivacyNotice(**body.model_dump(), version=version, published_at=now, published_by=caller.actor)
    session.add(notice)
    await session.flush()
    trace = AuditObject("privacy_notice", None, None)
    await audit(session, caller, trace, "privacy_notice.publish", {"version": [version - 1, version]}, now)
    return notice, True


async def agree(
    session: AsyncSession,
    person_id: UUID,
    version: int | None,
    occasion: Occasion,
    now: datetime,
    *,
    application_id: UUID | None = None,
) -> None:
    """Keep that somebody agreed to the present version. Without a notice there is nothing to agree to.

    Raises `PRIVACY_NOTICE_NOT_AGREED` with the present version if they named another or none.
    """
    notice = await current_notice(session)
    if notice is None:
        return
    if version != notice.version:
        raise PRIVACY_NOTICE_NOT_AGREED(
            version=notice.version,
            errors=[
                FieldError(
                    "/privacy_notice_version",
                    "not_current",
                    f"The current version is {notice.version}.",
                    f"当前版本为 {notice.version}。",
                )
            ],
        )
    session.add(
        PrivacyAgreement(person_id=person_id, version=version, occasion=occasion, application_id=application_id, at=now)
    )
