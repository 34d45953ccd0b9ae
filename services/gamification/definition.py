"""What the gamification service is made of."""

from chassis.projections import ProjectionAuthority
from chassis.service import Service
from services.gamification.base import Base, known, tables, timers
from services.gamification.checkins import imports
from services.gamification.checkins import routes as checkins
from services.gamification.earning import routes as earning
from services.gamification.handlers import handlers
from services.gamification.leaderboards import routes as leaderboards
from services.gamification.leaderboards import service as boards
from services.gamification.ledger.service import follow_xp, keep_levels
from services.gamification.levels import routes as levels
from services.gamification.levels import service as ladder
from services.gamification.wallets import routes as wallets

# Levels decide before wallets are written; boards only follow.
keep_levels(ladder.follow)
follow_xp(boards.follow)

definition = Service(
    name="gamification",
    base=Base,
    tables=tables,
    migrations="services.gamification.migrations",
    routers=[wallets.router, earning.router, levels.router, checkins.router, leaderboards.router],
    handlers=handlers,
    timers=timers,
    jobs=imports.jobs,
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.gamification"],
)
