"""What members have, and the ledger that says why."""

from chassis.feature import Feature
from services.gamification.wallets import routes

feature = Feature(
    "wallets",
    routers=[routes.router],
)
