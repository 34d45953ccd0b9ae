"""What members have, and the ledger that says why."""

from chassis.contributions import HomePart
from chassis.feature import Feature
from services.gamification.ledger import expiring, reminding
from services.gamification.ledger.deeds import point_deeds
from services.gamification.permissions import WALLETS_READ
from services.gamification.wallets import expiry_routes, home, routes
from services.gamification.wallets.schemas import WalletPublic

feature = Feature(
    "wallets",
    routers=[expiry_routes.router, routes.router],
    timers=[expiring.timers, reminding.timers],
    jobs=[expiring.jobs, reminding.jobs],
    deeds=[point_deeds],
    home=[HomePart("wallet", WALLETS_READ, WalletPublic, home.wallet)],
)
