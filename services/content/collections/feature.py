"""Collections: a tree of each community."""

from chassis.feature import Feature
from services.content.collections import routes

feature = Feature("collections", routers=[routes.router])
