"""The star of the month as requests and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from services.gamification.stars.rules import Phase

PHASE = Closed("StarPhase", Phase)


class StarNominate(RequestModel):
    """Who should be the star of the present month."""

    community_id: UUID
    member_id: UUID


class StarVote(RequestModel):
    """For whom the caller votes: somebody who was named."""

    member_id: UUID


class StarConfirm(RequestModel):
    """Who is the star of the month."""

    member_id: UUID | None = Field(description="Who has most votes; null where the month is to have no star.")


class StarListed(ResponseModel):
    """The star of a month. Nothing says who voted for whom."""

    id: UUID
    community_id: UUID
    month: date = Field(description="Its first day.")
    phase: Annotated[str, PHASE]
    votes_from: date = Field(description="The first day on which members vote.")
    votes_until: date = Field(description="The last one.")
    ballots: int | None = Field(description="How many voted; null until they are counted.")
    winner: MemberEmbed | None
    decided_at: datetime | None


class StarPublic(StarListed):
    """The same, with what the caller did and can do."""

    named: MemberEmbed | None = Field(description="Whom the caller named.")
    voted: bool = Field(description="Whether the caller voted. For whom is kept nowhere.")
    leading: list[MemberEmbed] = Field(
        description="Who has most votes of those who can be it, while an owner is to confirm: several with as many."
    )
    viewer: Viewer


class StarCandidatePublic(ResponseModel):
    """Who was named for a month."""

    member: MemberEmbed
    votes: int | None = Field(description="Null until they are counted, and where too few voted.")
