"""Series: activities that come weekly or monthly, and what is done with all of them."""

from chassis.feature import Feature
from services.events.series import routes

feature = Feature("series", routers=[routes.router])
