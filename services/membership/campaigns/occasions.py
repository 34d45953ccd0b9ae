"""What happens to campaigns and concerns more than their own record."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion
from services.membership.campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class QuotaRaised:
    """The campaign, locked, with its new quota."""

    campaign: Campaign
    at: datetime


quota_raised: Occasion[QuotaRaised, None] = Occasion("quota raised")
"""A campaign has more seats than before."""
