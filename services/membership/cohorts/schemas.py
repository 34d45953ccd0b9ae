"""Cohorts as requests and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Day, OneLine

Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]


class CohortCreate(RequestModel):
    """A new cohort. `code` is unique in its community."""

    community_id: UUID
    code: Code
    name: Name
    starts_on: Day | None = None
    ends_on: Day | None = None


class CohortPatch(RequestModel):
    """A merge patch. null clears a date."""

    name: Name = ABSENT
    starts_on: Day | None = None
    ends_on: Day | None = None


class CohortRef(ResponseModel):
    """A cohort, as named in other answers."""

    id: UUID
    code: str
    name: str


class CohortPublic(ResponseModel):
    """A cohort. Both dates are inclusive."""

    id: UUID
    community_id: UUID
    code: str
    name: str
    starts_on: date | None
    ends_on: date | None
    created_at: datetime
