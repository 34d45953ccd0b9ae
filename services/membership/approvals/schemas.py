"""Approvals and absences as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, Said
from chassis.wrong import Wrong
from services.membership.approvals import rules

STATUS = Closed("ApprovalStatus", rules.Status)

Words = Annotated[str, Field(min_length=1, max_length=1200), Said]


class Approving(RequestModel):
    """What those who decide should know; the applicant does not read it."""

    note: Words | None = None


class Refusing(RequestModel):
    """Why not. Those who decide read it, the applicant does not."""

    reason: Words


class ApprovalPublic(ResponseModel):
    """An approval. The applicant reads whom it waits for and until when, and nothing of what was answered.

    `deputy` stands in for the manager now. From `due_at` on, or where nobody manages the applicant, owners of the community may answer, too.
    """

    community_id: UUID
    application_id: UUID
    campaign_title: str
    applicant: Actor
    status: Annotated[str, STATUS]
    approver: Actor | None
    deputy: Actor | None
    asked_at: datetime
    due_at: datetime
    open_to_owners: bool
    reason: str | None
    decided_by: Actor | None
    decided_at: datetime | None
    viewer: Viewer | None = None


class AbsencePut(RequestModel):
    """When you are away, and the employee number of who stands in for you. Without `since` from now on."""

    since: Moment | None = None
    until: Moment
    deputy_employee_no: str = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.since is not None and self.since >= self.until:
            raise Wrong("ends_before_it_begins", "It ends after it begins.", "结束时间须晚于开始时间。", at="/until")
        return self


class AbsencePublic(ResponseModel):
    """When somebody is away, and who stands in for them."""

    since: datetime
    until: datetime
    deputy: Actor
