"""Groupings as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.wrong import Wrong
from services.membership.groups.grouping_rules import MOST_COUNT, MOST_SEED, By, GroupingStatus
from services.membership.groups.rules import LARGEST, SMALLEST

GROUPING_STATUS = Closed("GroupingStatus", GroupingStatus)
BY = Closed("GroupingBy", By)


class GroupingCreate(RequestModel):
    """Whom to deal to groups, and how. Owners and operators are not among them.

    Sizes differ by at most one. By department, so do the members of each department. By skill, each skill is spread over the groups, the
    rarest first, as far as sizes allow.

    The same members and seed give the same groups. Without a seed one is drawn, and answered.
    """

    community_id: UUID
    cohort_id: UUID | None = Field(default=None, description="Only members of this cohort; null: the whole community.")
    by: Annotated[By, BY] = "department"
    size: Annotated[int, Field(ge=SMALLEST, le=LARGEST)] | None = Field(
        default=None, description="How many a group has at most. Give this or `count`."
    )
    count: Annotated[int, Field(ge=1, le=MOST_COUNT)] | None = Field(default=None, description="How many groups.")
    late: bool = Field(
        default=False,
        description="Only those who are in none of the groups that there are: each comes into the smallest. Without `size` and `count`.",
    )
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = [one for one in (self.size, self.count) if one is not None]
        if len(given) != (0 if self.late else 1):
            raise Wrong(
                "size_or_count",
                "Give either size or count, and neither for late ones.",
                "须给出 size 或 count 之一；编入后加入者时两者均不填。",
                at="/size",
            )
        return self


class GroupingPublic(ResponseModel):
    """A grouping. `planned`: read its places, and apply it; `applied`: the groups are there.

    `members` are dealt to `groups`, the `smallest` and the `largest` of which have so many; null until it is planned. `placed` is how many
    came into a group: who has left meanwhile, or is in twenty groups, does not.
    """

    id: UUID
    community_id: UUID
    cohort_id: UUID | None
    by: Annotated[str, BY]
    size: int | None
    count: int | None
    late: bool
    seed: int
    status: Annotated[str, GROUPING_STATUS]
    members: int | None
    groups: int | None
    smallest: int | None
    largest: int | None
    placed: int | None
    created_at: datetime
    planned_at: datetime | None
    applied_at: datetime | None


class GroupingPlacePublic(ResponseModel):
    """Into which group a member comes: by number from 1, and by id where there is the group already."""

    number: int
    group_id: UUID | None
    member: MemberEmbed
