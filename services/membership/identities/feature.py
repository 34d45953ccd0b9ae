"""Company accounts that people log in with."""

from chassis.feature import Feature
from services.membership.identities import routes

feature = Feature("identities", routers=[routes.router])
