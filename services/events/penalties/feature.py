"""What penalties say of who may come."""

from chassis.feature import Feature
from services.events.base import penalties
from services.events.penalties import handlers

feature = Feature("penalties", handlers=[handlers.handlers], deeds=[penalties.again])
