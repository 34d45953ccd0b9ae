"""Holds as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.web.actors import Actor
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Said

Reason = Annotated[str, StringConstraints(min_length=1, max_length=600), Said]


class ApplicationHoldCreate(RequestModel):
    """Which application is held, and why. The reason stands in the audit."""

    application_id: UUID
    reason: Reason


class ApplicationHoldLift(RequestModel):
    """Why an application is held no longer."""

    reason: Reason


class ApplicationHoldPublic(ResponseModel):
    """A hold. It says nothing of what is in the application, nor whose it is."""

    id: UUID
    application_id: UUID
    community_id: UUID
    reason: str
    held_by: Actor
    held_at: datetime
    lift_reason: str | None
    lifted_by: Actor | None
    lifted_at: datetime | None
