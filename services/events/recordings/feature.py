"""Who agrees to a recording."""

from chassis.feature import Feature
from services.events.recordings import routes

feature = Feature("recordings", routers=[routes.router])
