"""What happens to interviews and is told in the same transaction, because no message tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.applications.models import Application
from services.membership.interviews.models import Interview

Step = Literal["offered", "chosen", "given_up", "moved", "cancelled", "named", "lacking"]


@dataclass(frozen=True, slots=True)
class InterviewMoved:
    """What became of an interview. `title` is the campaign's, `applicant_id` who has or had it, `people` who interview, or are new to it."""

    interview: Interview
    title: str
    step: Step
    applicant_id: UUID | None
    people: Sequence[UUID]
    by: str
    at: datetime


interview_moved: Occasion[InterviewMoved, None] = Occasion("interview moved")
"""`offered`: `people` are applicants, too, who may choose it. `named`: `people` came to it afterwards. `lacking`: one of those who interview is lost, and nobody has replaced them."""


@dataclass(frozen=True, slots=True)
class ConflictDeclared:
    """Somebody must not judge this application, which is locked."""

    application: Application
    person_id: UUID
    at: datetime


conflict_declared: Occasion[ConflictDeclared, None] = Occasion("conflict declared")
"""What they wrote of it counts no more."""
