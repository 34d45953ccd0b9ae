"""Roles in a community, given and taken."""

from chassis.feature import Feature
from services.membership.role_grants import handlers, routes, service

feature = Feature(
    "role_grants",
    routers=[routes.router],
    handlers=[handlers.handlers],
    timers=[service.timers],
)
