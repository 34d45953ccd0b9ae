"""Reports of communities, by the week and as somebody asks."""

from chassis.feature import Feature
from services.analytics.reports import making, routes, weekly

feature = Feature("reports", routers=[routes.router], timers=[weekly.timers], jobs=[making.jobs])
