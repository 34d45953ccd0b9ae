"""What people are in communities, as other services ask and as they see it themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.schemas import ROLE, RequestModel, ResponseModel
from services.membership.communities.schemas import CommunityName
from services.membership.roster.schemas import STATUS


class Pair(RequestModel):
    """A person in a community. Without a person, only the community is looked up."""

    person_id: UUID | None = None
    community_id: UUID


class ResolveRequest(RequestModel):
    """Up to 500 pairs at once."""

    pairs: list[Pair] = Field(min_length=1, max_length=500)


class ResolvedCommunity(ResponseModel):
    id: UUID
    name: str
    status: str
    visibility: str
    time_zone: str
    day_starts_at: str
    streak_days: str


class ResolvedPerson(ResponseModel):
    status: str
    kind: str


class ResolvedMember(ResponseModel):
    member_id: UUID
    person_id: UUID
    status: str
    status_until: datetime | None
    then_muted_until: datetime | None
    roles: list[str]
    rule_set_id: UUID | None
    acknowledge_by: datetime | None
    time_zone: str | None
    joined_at: datetime | None


class Resolved(ResponseModel):
    """One answer. `community` is null if no community has this id; `member` is null if the person was never a member."""

    community: ResolvedCommunity | None
    person: ResolvedPerson | None = None
    member: ResolvedMember | None = None


class ResolveAnswer(ResponseModel):
    """One item for each pair, in the order of the request."""

    items: list[Resolved]


class RulesOwed(ResponseModel):
    """The rules in force, which the member has not acknowledged. From `due_at` on they read and do not post."""

    rule_set_id: UUID
    due_at: datetime
    overdue: bool


class Membership(ResponseModel):
    """A membership of the caller, with what they may do in that community. One that ended stays, since they still read their wallet there."""

    member_id: UUID
    community: CommunityName
    roles: list[Annotated[str, ROLE]]
    status: Annotated[str, STATUS]
    status_until: datetime | None
    joined_at: datetime
    ended_at: datetime | None
    rules_to_acknowledge: RulesOwed | None
    permissions: list[str]
