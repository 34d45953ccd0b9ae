"""Requests and answers about oneself."""

from chassis.web.schemas import RequestModel
from services.membership.people.schemas import AvatarUrl, Locale, PersonPublic, TimeZone
from services.membership.standing.schemas import Membership


class ProfilePatch(RequestModel):
    """What a person changes about himself; a JSON Merge Patch."""

    locale: Locale | None = None
    time_zone: TimeZone | None = None
    avatar_url: AvatarUrl | None = None


class MePublic(PersonPublic):
    """The caller himself."""

    platform_roles: list[str]
    memberships: list[Membership]
