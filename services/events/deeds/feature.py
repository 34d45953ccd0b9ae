"""What members did together, told again to consumers that are new or lost messages."""

from chassis.feature import Feature
from services.events.deeds.service import deeds

feature = Feature("deeds", deeds=[deeds.again])
