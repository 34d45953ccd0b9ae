"""Contests 知识竞赛: prepared, answered by the clock, ranked, corrected."""

from chassis.feature import Feature
from services.events.contests import attempt_routes, closing, regrade_routes, regrading, routes, team_routes, waiting
from services.events.contests.deeds import results_deeds
from services.events.contests.erasing import erase

feature = Feature(
    "contests",
    routers=[routes.router, attempt_routes.router, team_routes.router, regrade_routes.router],
    timers=[closing.timers, regrading.timers],
    deeds=[results_deeds],
    erasure=erase,
    tasks=[waiting.to_begin],
)
