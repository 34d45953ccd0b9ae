"""Scorecards of interviews."""

from chassis.feature import Feature
from services.membership.scorecards import routes, service, waiting

feature = Feature("scorecards", routers=[routes.router], tasks=[waiting.to_write], erasure=service.erase)
