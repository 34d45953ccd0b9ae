"""What befell members, told again to consumers that are new or lost messages."""

from chassis.feature import Feature
from services.gamification.deeds.service import deeds

feature = Feature("deeds", deeds=[deeds.again])
