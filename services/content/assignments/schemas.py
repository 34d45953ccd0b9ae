"""Assignments as requests."""

from uuid import UUID

from pydantic import Field

from chassis.web.schemas import RequestModel


class AssignmentCreate(RequestModel):
    """Who should answer."""

    member_id: UUID | None = Field(description="In the place of who was asked before; null for nobody any more.")
