"""Badges, awarded for what is counted and by hand."""

from chassis.feature import Feature
from services.gamification.badges import granting, routes

feature = Feature("badges", routers=[routes.router], jobs=[granting.jobs])
