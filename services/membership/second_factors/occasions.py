"""What happens to second factors and concerns more than them."""

from chassis.occasions import Occasion
from services.membership.people.occasions import PeopleConcerned

second_factors_reset: Occasion[PeopleConcerned, None] = Occasion("second factors reset")
"""Somebody else took theirs away, because it was lost; they are told."""
