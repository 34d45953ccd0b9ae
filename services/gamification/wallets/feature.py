"""What members have, and the ledger that says why."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.gamification.permissions import WALLETS_READ
from services.gamification.wallets import home, routes

feature = Feature(
    "wallets",
    routers=[routes.router],
    home=[HomePart("wallet", WALLETS_READ, home.wallet)],
)
