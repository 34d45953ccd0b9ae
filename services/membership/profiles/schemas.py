"""Requests and answers about the caller."""

from chassis.web.schemas import RequestModel
from services.membership.people.schemas import AvatarUrl, Locale, PersonPublic, TimeZone
from services.membership.standing.schemas import Membership


class ProfilePatch(RequestModel):
    """What people may change about themselves, as a JSON Merge Patch."""

    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None


class MePublic(PersonPublic):
    """The caller."""

    platform_roles: list[str]
    memberships: list[Membership]
