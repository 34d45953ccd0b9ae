"""What people are told: the inbox of each, and what they want to be told."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.membership.notifications import handlers, home, rounds, routes, service, sweeping
from services.membership.notifications.schemas import NotificationsHome
from services.membership.permissions import NOTIFICATIONS_OWN

feature = Feature(
    "notifications",
    routers=[routes.router],
    groups={handlers.GROUP: [handlers.handlers]},
    timers=[rounds.timers, service.timers, sweeping.timers],
    home=[HomePart("notifications", NOTIFICATIONS_OWN, NotificationsHome, home.notifications)],
)
