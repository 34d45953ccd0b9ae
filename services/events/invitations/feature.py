"""Invitations of speakers from outside."""

from chassis.feature import Feature
from services.events.invitations import forgetting, routes

feature = Feature("invitations", routers=[routes.router], timers=[forgetting.timers])
