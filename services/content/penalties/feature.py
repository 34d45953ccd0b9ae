"""What follows from a penalty."""

from chassis.feature import Feature
from services.content.base import penalties
from services.content.penalties import handlers

feature = Feature("penalties", handlers=[handlers.handlers], deeds=[penalties.again])
