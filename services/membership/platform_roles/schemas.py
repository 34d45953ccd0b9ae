"""Requests and answers about platform roles."""

from datetime import datetime
from typing import Annotated, Literal

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel

PlatformRole = Literal["admin", "hr", "auditor"]
PLATFORM_ROLE = Closed("PlatformRole", PlatformRole)


class PlatformRoleGrant(RequestModel):
    """A role on the platform as a whole."""

    role: Annotated[PlatformRole, PLATFORM_ROLE]


class PlatformRolePublic(ResponseModel):
    """A platform role that a person has."""

    role: Annotated[str, PLATFORM_ROLE]
    granted_by: Actor
    granted_at: datetime
