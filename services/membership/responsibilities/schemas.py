"""Responsibilities as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, PlainSerializer, StringConstraints

from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import OneLine

Area = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Informed = Annotated[set[UUID], Field(max_length=50), PlainSerializer(lambda ids: sorted(map(str, ids)))]


class ResponsibilityCreate(RequestModel):
    """An area of work, whose name is unique in its community, and the members who see to it."""

    community_id: UUID
    area: Area
    holder_id: UUID
    deputy_id: UUID | None = None
    informed_ids: Informed = set()


class ResponsibilityPatch(RequestModel):
    """What to change; null takes the deputy away."""

    area: Area = ABSENT
    holder_id: UUID = ABSENT
    deputy_id: UUID | None = None
    informed_ids: Informed = ABSENT


class ResponsibilityPublic(ResponseModel):
    """An area of work and the members who see to it."""

    id: UUID
    community_id: UUID
    area: str
    holder: MemberEmbed | None
    deputy: MemberEmbed | None
    informed: list[MemberEmbed]
    created_at: datetime
