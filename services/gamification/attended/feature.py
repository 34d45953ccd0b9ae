"""Who was where: what certificates and certifications stand on."""

from chassis.feature import Feature
from services.gamification.attended import handlers

feature = Feature("attended", handlers=[handlers.handlers])
