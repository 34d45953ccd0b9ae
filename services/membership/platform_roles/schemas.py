"""Requests and answers about platform roles."""

from datetime import datetime
from typing import Literal

from chassis.web.schemas import RequestModel, ResponseModel


class PlatformRoleGrant(RequestModel):
    """A role on the platform as a whole."""

    role: Literal["admin", "hr", "auditor"]


class PlatformRolePublic(ResponseModel):
    """A platform role that a person has."""

    role: str
    granted_by: str
    granted_at: datetime
