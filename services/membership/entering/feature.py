"""Ways in that members take themselves."""

from chassis.feature import Feature
from services.membership.entering import routes

feature = Feature("entering", routers=[routes.router])
