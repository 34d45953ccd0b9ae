"""Meetings and what comes out of them."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.events.meetings import queries, reminding, routes
from services.events.permissions import ACTION_ITEMS_READ

feature = Feature(
    "meetings",
    routers=[routes.router],
    timers=[reminding.timers],
    tasks=[queries.to_do],
    desk=[DeskQueue("action_items", ACTION_ITEMS_READ, queries.open_items, en="Action items", zh="待完成的行动项")],
)
