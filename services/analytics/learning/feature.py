"""Learning records: who learned and taught how many hours."""

from chassis.feature import Feature
from services.analytics.learning import handlers, routes
from services.analytics.learning.erasing import erase

feature = Feature("learning", routers=[routes.router], handlers=[handlers.handlers], erasure=erase)
