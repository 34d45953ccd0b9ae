"""Invitations and joining as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.identifiers import normal_email
from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment
from chassis.wrong import Wrong
from services.membership.cohorts.schemas import CohortRef
from services.membership.entering.rules import MOST_USES, PREFIX, State

STATE = Closed("InvitationState", State)

Email = Annotated[str, StringConstraints(min_length=3, max_length=254), AfterValidator(normal_email)]


class InvitationCreate(RequestModel):
    """An invitation to become a plain member: for one person, by `person_id` or `email`, or for whoever has its link.

    A link lets in `uses` people, one unless said otherwise. `expires_at` is at most 90 days ahead.
    """

    community_id: UUID
    expires_at: Moment
    cohort_id: UUID | None = None
    person_id: UUID | None = None
    email: Email | None = None
    uses: int | None = Field(default=None, ge=1, le=MOST_USES)

    @model_validator(mode="after")
    def _for_one_or_many(self) -> "InvitationCreate":
        given = [name for name in ("person_id", "email", "uses") if getattr(self, name) is not None]
        if len(given) > 1:
            raise Wrong(
                "one_of",
                "Say one of person_id, email and uses: who is invited by name is invited once.",
                "person_id、email、uses 只能填写一项；指定个人的邀请只能使用一次。",
                at=f"/{given[1]}",
            )
        return self


class InvitationAccept(RequestModel):
    """What stands in the link behind `#`."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description=f"It begins with `{PREFIX}`."
    )


class InvitedPerson(ResponseModel):
    """Who is invited in their own name."""

    id: UUID
    display_name: str


class InvitationPublic(ResponseModel):
    """An invitation, without its link. `state` is as of now; `used` counts who became a member by it.

    `person` and `email` say whom it is for; both are null for a link. Who made it is told to those who run the community.
    """

    id: UUID
    community: CommunityEmbed
    cohort: CohortRef | None
    person: InvitedPerson | None
    email: str | None
    uses: int
    used: int
    state: Annotated[str, STATE]
    expires_at: datetime
    made_by: Actor | None
    created_at: datetime
    revoked_at: datetime | None
    viewer: Viewer


class InvitationMade(InvitationPublic):
    """A new invitation with its link, which is shown this once."""

    code: str
    link: str | None = Field(description="`<app>/invitations#<code>`; null where `QUNXUE_APP_URL` is not set.")
