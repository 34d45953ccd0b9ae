"""What happens to applications and concerns more than their own record."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class StepReached:
    """The application and its campaign, both locked; the state says which step it has reached."""

    application: Application
    campaign: Campaign
    at: datetime


step_reached: Occasion[StepReached, None] = Occasion("step reached")
"""An application has gone on to another step of its campaign."""
