"""Ideas: proposed, voted for, decided, merged."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.content.ideas import moving, queries, routes
from services.content.permissions import IDEAS_DECIDE

feature = Feature(
    "ideas",
    routers=[routes.router],
    jobs=[moving.jobs],
    desk=[DeskQueue("ideas_to_decide", IDEAS_DECIDE, queries.to_decide, en="Ideas to decide", zh="待评审的创意")],
)
