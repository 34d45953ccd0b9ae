"""Papers: drawn from question banks, published as versions that change no more."""

from chassis.feature import Feature
from services.events.papers import routes

feature = Feature("papers", routers=[routes.router])
