"""Recruitment drives, their forms, channels and landing pages."""

from chassis.feature import Feature
from services.membership.campaigns import moving, routes

feature = Feature(
    "campaigns",
    routers=[routes.router, routes.landing_router],
    timers=[moving.timers],
)
