"""What happens to applications on their way and concerns what their steps are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.applications.models import Application
from services.membership.applications.rules import Unfinished
from services.membership.campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class ApplicationMoved:
    """The application in its new state, locked with its campaign, and the state that it came from."""

    application: Application
    campaign: Campaign
    came_from: str
    at: datetime


application_moved: Occasion[ApplicationMoved, None] = Occasion("application moved")
"""It reached a step, was decided, or is out of the race. What only waits for its release did not move."""


@dataclass(frozen=True, slots=True)
class StepsAsked:
    """Applications, each at a step that others than the deciders take part in."""

    applications: Sequence[Application]
    at: datetime


steps_asked: Occasion[StepsAsked, Mapping[UUID, Unfinished]] = Occasion("steps asked")
"""What their steps lack still, by application; those whose step is done are left out."""


@dataclass(frozen=True, slots=True)
class Taking:
    """A person of whom somebody wants to know whether they take part in judging an application."""

    application: Application
    person_id: UUID
    at: datetime


taking_asked: Occasion[Taking, bool] = Occasion("taking part asked")
"""Whether a step of it is theirs now, though they do not run the campaign: they read the application then."""


@dataclass(frozen=True, slots=True)
class CameBack:
    """An application to a campaign of this title that a wrong question had knocked out."""

    application_id: UUID
    person_id: UUID
    community_id: UUID
    title: str
    at: datetime


came_back: Occasion[CameBack, None] = Occasion("application came back")
"""It is in its step again, and its applicant is to know."""


@dataclass(frozen=True, slots=True)
class ApplicationsForgotten:
    """Applications, locked, of which nobody needs any more what was said in them."""

    ids: Sequence[UUID]
    at: datetime


applications_forgotten: Occasion[ApplicationsForgotten, None] = Occasion("applications forgotten")
"""Whatever was written in a step of theirs goes; what is counted stays."""
