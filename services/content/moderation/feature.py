"""The queue of moderators, reports of members, and what is decided."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.moderation import handlers, names, queries, returned, routes, trial_routes, trying
from services.content.moderation.service import timers
from services.content.permissions import MODERATION_READ

feature = Feature(
    "moderation",
    routers=[routes.router, trial_routes.router],
    handlers=[handlers.handlers],
    jobs=[trying.jobs],
    timers=[timers],
    desk=[DeskQueue("moderation", MODERATION_READ, queries.waiting, en="Texts to decide about", zh="待处理的内容")],
    tasks=[returned.to_mend, names.names_to_decide],
    erasure=queries.erase,
)
