"""What should change in a community, and what came of changing it."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.analytics.insights import effects, queries, rounds, routes
from services.analytics.insights.erasing import erase
from services.analytics.insights.handlers import handlers
from services.analytics.permissions import INSIGHTS_READ

feature = Feature(
    "insights",
    routers=[routes.router],
    handlers=[handlers],
    erasure=erase,
    timers=[rounds.timers, effects.timers],
    tasks=[queries.to_see_to],
    desk=[
        DeskQueue("insights_new", INSIGHTS_READ, queries.new_ones, en="New insights", zh="待处理的洞察"),
        DeskQueue(
            "insight_effects",
            INSIGHTS_READ,
            queries.effects_due,
            en="Changes whose effect can be seen",
            zh="可查看成效的改进",
        ),
    ],
)
