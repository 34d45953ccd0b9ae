"""Speakers of activities."""

from chassis.feature import Feature
from services.events.speakers import forgetting, routes

feature = Feature("speakers", routers=[routes.router], timers=[forgetting.timers])
