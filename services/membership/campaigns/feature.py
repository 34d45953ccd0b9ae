"""Recruitment drives, their forms, channels and landing pages."""

from chassis.feature import Feature
from services.membership.campaigns import landings, moving, routes

feature = Feature(
    "campaigns",
    routers=[routes.router, routes.landing_router],
    timers=[moving.timers, landings.timers],
)
