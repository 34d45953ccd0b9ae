"""What happens to campaigns and concerns more than their own record."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion
from chassis.security.caller import Caller
from services.membership.campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class TestSet:
    """The campaign, locked or new, whose test is another than before, and who set it."""

    campaign: Campaign
    caller: Caller
    at: datetime


test_set: Occasion[TestSet, None] = Occasion("test set")
"""A campaign has a test whose paper may have to be fetched."""


@dataclass(frozen=True, slots=True)
class QuotaRaised:
    """The campaign, locked, with its new quota."""

    campaign: Campaign
    at: datetime


quota_raised: Occasion[QuotaRaised, None] = Occasion("quota raised")
"""A campaign has more seats than before."""
