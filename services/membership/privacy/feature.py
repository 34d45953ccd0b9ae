"""The privacy notice, and who agreed to it."""

from chassis.feature import Feature
from services.membership.privacy import routes

feature = Feature("privacy", routers=[routes.router])
