"""Awards by hand as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Said
from services.gamification.awards.rules import MOST_POINTS, MOST_ROWS, Status

STATUS = Closed("AwardStatus", Status)

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Said]


class AwardFields(RequestModel):
    """Points for a member, and why. The member reads the reason; others read the `citation`, if the member allows it."""

    member_id: UUID
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)]
    reason: Reason
    citation: Reason | None = None


class AwardCreate(AwardFields):
    """Points for a member of a community."""

    community_id: UUID


class AwardList(RequestModel):
    """Points for several members, all or none."""

    community_id: UUID
    awards: Annotated[list[AwardFields], Field(min_length=1, max_length=MOST_ROWS)]


class AwardRefuse(RequestModel):
    """Why it is refused. Operators and owners read it."""

    refusal: Reason


class CitationAnswer(RequestModel):
    """Whether others may read the citation."""

    public: bool


class HandAwardPublic(ResponseModel):
    """An award by hand. Others than the member, operators and owners read the citation alone, where the member allowed it."""

    id: UUID
    community_id: UUID
    member: MemberEmbed
    proposer: MemberEmbed | None = Field(
        description="Null for others, and where nobody proposed it: the prize of a season that a sanction took which was taken back."
    )
    points: int
    reason: str | None
    citation: str | None
    citation_public: bool | None = Field(description="Null as long as the member has not said anything.")
    status: Annotated[str, STATUS]
    refusal: str | None
    created_at: datetime
    decided_at: datetime | None
    decided_by: MemberEmbed | None = Field(description="Who approved or refused it, for operators and owners.")
    viewer: Viewer


class AwardsMade(ResponseModel):
    """What became of a list: all are given or wait for approval."""

    items: list[HandAwardPublic]


class AwardBudgetPut(RequestModel):
    """Points that may be given by hand in a month of the community: by each person, and by all together (null: no limit)."""

    per_person: Annotated[int, Field(ge=0, le=100_000)]
    together: Annotated[int, Field(ge=0, le=10_000_000)] | None = None


class AwardBudgetPublic(ResponseModel):
    """Points that may be given by hand in a month, and what the caller, and all together, have left in this one."""

    community_id: UUID
    per_person: int
    together: int | None
    left: int
    left_together: int | None
