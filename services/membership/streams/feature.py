"""Tickets for the live stream, and whether the sessions of open ones still last."""

from chassis.feature import Feature
from services.membership.streams import routes, sweeping

feature = Feature("streams", routers=[routes.router], timers=[sweeping.timers])
