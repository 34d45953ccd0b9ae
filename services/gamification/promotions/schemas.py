"""What the operations of promotions take and answer."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Said

Status = Literal["nominated", "granted", "declined"]
STATUS = Closed("NominationStatus", get_args(Status))
Outcome = Literal["granted", "declined"]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class CommitteePut(RequestModel):
    """The members of the committee; nobody, for an owner to decide alone."""

    member_ids: Annotated[set[UUID], Field(max_length=25)]


class CommitteePublic(ResponseModel):
    """The members who vote on nominations. Where there are none, an owner decides at once."""

    community_id: UUID
    members: list[MemberEmbed]


class VoteBody(RequestModel):
    """A vote and its reason, which the committee and whoever decides read. It may be changed until the decision."""

    in_favour: bool
    reason: Reason


class DecisionBody(RequestModel):
    """What is decided, and why. It is granted only if the committee carried it."""

    outcome: Annotated[Outcome, Closed("NominationOutcome", get_args(Outcome))]
    reason: Reason


class VotesPublic(ResponseModel):
    """How many voted for it and against it, of those who may; so many votes are `needed` before it can be granted."""

    in_favour: int
    against: int
    electorate: int
    needed: int


class VotePublic(ResponseModel):
    """The vote of one member of the committee."""

    member: MemberEmbed
    in_favour: bool
    reason: str
    voted_at: datetime


class NominationPublic(ResponseModel):
    """A nomination and what came of it. `mine` is the caller's own vote."""

    id: UUID
    community_id: UUID
    member: MemberEmbed
    from_code: str
    from_name: str
    level: str
    level_name: str
    reason: str
    status: Annotated[str, STATUS]
    nominated_at: datetime
    nominated_by: Actor
    votes: VotesPublic
    ballots: list[VotePublic]
    mine: bool | None
    decided_at: datetime | None
    decided_by: Actor | None
    decided_because: str | None
    viewer: Viewer
