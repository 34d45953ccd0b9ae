"""Accounts of other systems."""

from chassis.feature import Feature
from services.membership.service_accounts import routes

feature = Feature(
    "service_accounts",
    routers=[routes.router],
)
