"""What members have, and the ledger that says why."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.gamification.permissions import WALLETS_READ
from services.gamification.wallets import home, routes
from services.gamification.wallets.schemas import WalletPublic

feature = Feature(
    "wallets",
    routers=[routes.router],
    home=[HomePart("wallet", WALLETS_READ, WalletPublic, home.wallet)],
)
