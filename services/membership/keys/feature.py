"""The keys that tokens are signed with."""

from chassis.feature import Feature
from services.membership.keys import routes

feature = Feature(
    "keys",
    routers=[routes.router],
)
