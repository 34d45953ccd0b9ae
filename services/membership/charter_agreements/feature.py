"""Who has agreed to a community's charter."""

from chassis.feature import Feature
from services.membership.charter_agreements import routes, waiting

feature = Feature("charter_agreements", routers=[routes.router], tasks=[waiting.charters_to_agree_to])
