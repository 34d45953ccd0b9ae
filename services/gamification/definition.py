"""What the gamification service is made of."""

from chassis.projections import ProjectionAuthority
from chassis.service import Service
from services.gamification.base import Base, known, tables
from services.gamification.checkins.feature import feature as checkins
from services.gamification.earning.feature import feature as earning
from services.gamification.handlers import handlers
from services.gamification.leaderboards import service as boards
from services.gamification.leaderboards.feature import feature as leaderboards
from services.gamification.ledger.service import follow_xp, keep_levels
from services.gamification.levels import service as ladder
from services.gamification.levels.feature import feature as levels
from services.gamification.wallets.feature import feature as wallets

# Levels decide before wallets are written; boards only follow.
keep_levels(ladder.follow)
follow_xp(boards.follow)

definition = Service(
    name="gamification",
    base=Base,
    tables=tables,
    migrations="services.gamification.migrations",
    features=[wallets, earning, levels, checkins, leaderboards],
    projections=handlers,
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.gamification"],
)
