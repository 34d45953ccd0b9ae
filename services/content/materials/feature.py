"""Materials of activities."""

from chassis.feature import Feature
from services.content.materials import routes

feature = Feature("materials", routers=[routes.router])
