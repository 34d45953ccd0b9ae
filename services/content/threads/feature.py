"""The list of discussions, and what its readers have not read."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.content.permissions import DISCUSSIONS_READ
from services.content.threads import home, routes
from services.content.threads.schemas import UnreadPublic

feature = Feature(
    "threads", routers=[routes.router], home=[HomePart("unread", DISCUSSIONS_READ, UnreadPublic, home.unread)]
)
