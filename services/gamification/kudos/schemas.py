"""Kudos as requests and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.pages import Page
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Said
from services.gamification.kudos.rules import LONGEST, SHORTEST, Status

STATUS = Closed("KudosStatus", Status)
HIDDEN = Closed("TextHidden", Hidden)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=SHORTEST, max_length=LONGEST), Said]


class KudosCreate(RequestModel):
    """What a colleague did well, and by which value of the charter."""

    community_id: UUID
    receiver_id: UUID = Field(description="The colleague's member id.")
    value_code: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="A value of the community's charter; to be left out only where it has none."
    )
    text: Words


class KudosValue(ResponseModel):
    """A value of the charter, as it was called when the kudos were given."""

    code: str
    name: str


class KudosPublic(ResponseModel):
    """Kudos, and what the caller can do with them. `day` is the giver's, which the limit of a day counts by."""

    id: UUID
    community_id: UUID
    giver: MemberEmbed
    receiver: MemberEmbed
    value: KudosValue | None
    text: str | None = Field(description="Null to others than the giver while it is hidden.")
    text_hidden: Annotated[str, HIDDEN] | None = Field(
        description="That others do not read the text yet, or that a moderator removed it."
    )
    status: Annotated[str, STATUS]
    given_at: datetime
    day: date
    viewer: Viewer


class KudosPage(Page[KudosPublic]):
    """A page of kudos, and how many the caller may still give."""

    left_today: int | None = Field(
        description="How many the caller may give on the present day of theirs; null for who may give none here."
    )
