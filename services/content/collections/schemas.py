"""Collections as requests and answers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import OneLine

Name = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Description = Annotated[str, StringConstraints(max_length=500)]
Position = Annotated[int, Field(ge=0, le=GREATEST_SMALL_INTEGER, description="Siblings stand in this order.")]


class CollectionCreate(RequestModel):
    """A collection to make; at the top without a parent."""

    community_id: UUID
    parent_id: UUID | None = None
    name: Name
    description: Description = ""
    position: Position = 0


class CollectionPatch(RequestModel):
    """What to change; `parent_id: null` brings it to the top."""

    parent_id: UUID | None = None
    name: Name = ABSENT
    description: Description = ABSENT
    position: Position = ABSENT


class CollectionPublic(ResponseModel):
    """A collection."""

    id: UUID
    community_id: UUID
    parent_id: UUID | None
    name: str
    description: str
    position: int
    version: int = Field(description="For `If-Match`.")
