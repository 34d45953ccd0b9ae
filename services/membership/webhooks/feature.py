"""What other systems are told by signed calls."""

from chassis.feature import Feature
from services.membership.webhooks import routes

feature = Feature(
    "webhooks",
    routers=[routes.router],
)
