"""What somebody is in a community, for whoever must decide what they may do."""

from chassis.feature import Feature
from services.membership.standing import routes

feature = Feature(
    "standing",
    routers=[routes.router, routes.internal_router],
)
