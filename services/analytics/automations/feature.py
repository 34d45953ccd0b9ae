"""What operators have happen by itself."""

from chassis.feature import Feature
from services.analytics.automations import following, handlers, routes
from services.analytics.automations.erasing import erase

feature = Feature(
    "automations", routers=[routes.router], handlers=[handlers.handlers], timers=[following.timers], erasure=erase
)
