"""Legal holds of applications."""

from chassis.feature import Feature
from services.membership.application_holds import routes

feature = Feature("application_holds", routers=[routes.router])
