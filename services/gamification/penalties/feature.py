"""What follows from a penalty."""

from chassis.feature import Feature
from services.gamification.base import penalties
from services.gamification.penalties import handlers

feature = Feature("penalties", handlers=[handlers.handlers], deeds=[penalties.again])
