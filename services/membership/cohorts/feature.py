"""Cohorts of a community."""

from chassis.feature import Feature
from services.membership.cohorts import routes

feature = Feature(
    "cohorts",
    routers=[routes.router],
)
