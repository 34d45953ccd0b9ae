"""Kudos: what colleagues did well, said publicly."""

from chassis.feature import Feature
from services.gamification.base import texts
from services.gamification.kudos import routes, standing
from services.gamification.kudos.deeds import kudos_deeds
from services.gamification.kudos.erasing import erase

feature = Feature("kudos", routers=[routes.router], deeds=[kudos_deeds], erasure=erase)

texts.follows(standing.KIND, lock=standing.lock)(standing.take_verdict)
