"""Goals: what a community wants to reach, and how far it is."""

from chassis.contributions import DeskQueue, HomePart
from chassis.feature import Feature
from services.analytics.goals import home, measuring, routes
from services.analytics.goals.queries import behind, left_alone
from services.analytics.goals.schemas import GoalPublic
from services.analytics.permissions import GOALS_READ, GOALS_WRITE

feature = Feature(
    "goals",
    routers=[routes.router],
    timers=[measuring.timers],
    home=[HomePart("goals", GOALS_READ, list[GoalPublic], home.goals)],
    desk=[
        DeskQueue("goals_behind", GOALS_WRITE, behind, en="Goals that are behind", zh="进度落后的目标"),
        DeskQueue("goals_left_alone", GOALS_WRITE, left_alone, en="Goals whose owner left", zh="负责人已离开的目标"),
    ],
)
