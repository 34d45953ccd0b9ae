"""What members can have for points."""

from chassis.feature import Feature
from services.gamification.rewards import routes

feature = Feature("rewards", routers=[routes.router])
