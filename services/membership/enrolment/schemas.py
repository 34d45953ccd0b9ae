"""Enrolment as answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from services.membership.communities.schemas import Assigned


class EnrolmentPublic(ResponseModel):
    """What a community's rule does, or would do: it enrols (`on`) where the community is open and its `join` is `assigned`.

    `matching` counts employees who match today. Of them `joining` are no members yet, and `left_out` were: who left, was removed or was expelled
    is not enrolled again. `no_longer_matching` joined by the rule and match no more; nobody removes them but you.
    """

    community_id: UUID
    on: bool
    assigned: Assigned | None
    matching: int
    joining: int
    left_out: int
    no_longer_matching: int


class EnrolledPerson(ResponseModel):
    """Somebody who matches."""

    id: UUID
    display_name: str
    department_code: str | None
    title: str | None


class NoLongerMatching(ResponseModel):
    """A member who joined by the rule and matches no more."""

    member: MemberEmbed
    joined_at: datetime


class EnrolmentKeep(RequestModel):
    """Members who stay although they match no more: they are listed no longer."""

    member_ids: list[UUID] = Field(min_length=1, max_length=500)
