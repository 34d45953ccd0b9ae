"""Questions without a name: where they are allowed."""

from chassis.feature import Feature
from services.content.unnamed import routes

feature = Feature("unnamed", routers=[routes.router])
