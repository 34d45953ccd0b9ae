"""Badges, awarded for what is counted and by hand."""

from chassis.feature import Feature
from services.gamification.badges import granting, routes
from services.gamification.badges.erasing import erase

feature = Feature("badges", routers=[routes.router], jobs=[granting.jobs], erasure=erase)
