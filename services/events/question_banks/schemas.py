"""Question banks as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from services.events.activities.schemas import Title
from services.events.question_banks.rules import MOST_EDITORS, Status

STATUS = Closed("ArchivableStatus", Status)
"""Of banks, questions and papers."""
Purpose = Annotated[str, StringConstraints(max_length=2000)]
Editors = Annotated[set[UUID], Field(max_length=MOST_EDITORS), PlainSerializer(lambda ids: sorted(map(str, ids)))]


class QuestionBankCreate(RequestModel):
    """A bank of questions, and the lecturers who are appointed to it."""

    community_id: UUID
    title: Title
    purpose: Purpose = ""
    editor_ids: Editors = Field(
        default=set(), description="Lecturers who read and write it; operators and owners do in any case."
    )


class QuestionBankPatch(RequestModel):
    """What to change. Operators and owners alone say who is appointed."""

    title: Title = ABSENT
    purpose: Purpose = ABSENT
    editor_ids: Editors = ABSENT


class QuestionBankPublic(ResponseModel):
    """A bank. `questions`: how many ever came into it, archived ones included."""

    id: UUID
    community_id: UUID
    title: str
    purpose: str
    editors: list[MemberEmbed]
    questions: int
    status: Annotated[str, STATUS]
    created_at: datetime
    viewer: Viewer
