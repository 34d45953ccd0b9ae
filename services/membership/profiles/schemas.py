"""Requests and answers about the caller."""

from typing import Annotated

from chassis.web.schemas import RequestModel
from services.membership.deliveries.schemas import MailRefused
from services.membership.departments.schemas import DepartmentRef
from services.membership.people.schemas import Locale, OwnAvatar, PersonPublic, TimeZone
from services.membership.platform_roles.schemas import PLATFORM_ROLE
from services.membership.standing.schemas import Membership


class ProfilePatch(RequestModel):
    """What people may change about themselves, as a JSON Merge Patch."""

    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: OwnAvatar | None = None


class OneselfPublic(PersonPublic):
    """The caller, without their memberships."""

    department: DepartmentRef | None
    platform_roles: list[Annotated[str, PLATFORM_ROLE]]
    permissions: list[str]
    """What the platform roles allow."""
    privacy_notice_version: int | None
    """The version of the privacy notice that they agreed to last."""
    mail_refused: MailRefused | None


class MePublic(OneselfPublic):
    """The caller."""

    memberships: list[Membership]
