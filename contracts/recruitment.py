"""Messages of membership about recruitment: campaigns, and what becomes of applications."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.base import IntegrationEvent
from contracts.fields import Part, known

ApplicationState = Annotated[
    str,
    known(
        "draft",
        "submitted",
        "screening",
        "testing",
        "interviewing",
        "approving",
        "returned",
        "decided",
        "withdrawn",
    ),
]
Outcome = Annotated[str, known("accepted", "waitlisted", "rejected")]


class CampaignChannel(Part):
    """A way for people to hear of a campaign."""

    code: str
    name: str
    kind: Annotated[str, known("announcement", "im", "social", "forum", "referral", "poster", "other")]


class CampaignState(IntegrationEvent):
    """The public state of a recruitment drive."""

    community_id: UUID
    campaign_id: UUID
    title: str
    channels: tuple[CampaignChannel, ...]
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    quota: int | None = None


class CampaignOpened(CampaignState, type="membership.campaign.opened", subject="campaign_id"):
    """A campaign accepts applications."""


class CampaignClosed(CampaignState, type="membership.campaign.closed", subject="campaign_id"):
    """A campaign no longer accepts applications."""

    accepted: int


class CampaignVisited(IntegrationEvent, type="membership.campaign.visited", subject="campaign_id"):
    """How often a channel's landing was looked at on a day of the community. Sent when the day is over; says nothing of who looked."""

    community_id: UUID
    campaign_id: UUID
    channel: str
    day: date
    visits: int


class ApplicationStep(IntegrationEvent):
    """A move of an application, without its answers. `from` and `to` are its states, or steps of its campaign."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    community_id: UUID
    application_id: UUID
    campaign_id: UUID
    person_id: UUID
    channel: str | None = None
    from_: ApplicationState | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: ApplicationState


class ApplicationSubmitted(
    ApplicationStep, type="membership.application.submitted", subject="application_id", key="person_id", restricted=True
):
    """An application was submitted and counts from now on."""


class ApplicationAdvanced(
    ApplicationStep, type="membership.application.advanced", subject="application_id", key="person_id", restricted=True
):
    """An application reached the next step of its campaign."""


class ApplicationReturned(
    ApplicationStep, type="membership.application.returned", subject="application_id", key="person_id", restricted=True
):
    """An application was returned to the applicant to be completed."""


class ApplicationWithdrawn(
    ApplicationStep, type="membership.application.withdrawn", subject="application_id", key="person_id", restricted=True
):
    """The applicant withdrew, or declined the seat."""


class ApplicationDecided(
    ApplicationStep, type="membership.application.decided", subject="application_id", key="person_id", restricted=True
):
    """A decision took effect, at its `release_at`."""

    outcome: Outcome
    previous_outcome: Outcome | None = None
    failed_requirements: tuple[str, ...] = ()
